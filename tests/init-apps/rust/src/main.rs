// SPDX-License-Identifier: Apache-2.0
//! Says the path back, and tells its health.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn answer(mut peer: TcpStream) -> std::io::Result<()> {
    let mut request = [0u8; 4096];
    let len = peer.read(&mut request)?;
    let text = String::from_utf8_lossy(&request[..len]).into_owned();
    let body = match text.split(' ').nth(1).unwrap_or("") {
        "/healthz" => "ok\n".to_string(),
        path => format!("{}\n", path),
    };
    write!(
        peer,
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        body.len(),
        body
    )
}

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("0.0.0.0:8084")?;
    for peer in listener.incoming() {
        if let Err(problem) = peer.and_then(answer) {
            eprintln!("echo: {}", problem);
        }
    }
    Ok(())
}
