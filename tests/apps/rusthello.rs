// SPDX-License-Identifier: Apache-2.0

//! rusthello - Rust as rustc links it by default: dynamic against glibc and libgcc_s, which unwinds the panic here.

use std::{collections::BTreeMap, env, panic, thread};

fn main() {
    panic::set_hook(Box::new(|_| {}));
    let caught = thread::spawn(|| -> u32 { panic!("on purpose") }).join();
    println!("panic: {}", caught.unwrap_err().downcast_ref::<&str>().unwrap());

    let sums: Vec<u64> = (0..4u64)
        .map(|i| thread::spawn(move || (0..1000).map(|n| n * i).sum()))
        .map(|handle| handle.join().unwrap())
        .collect();
    println!("threads: {:?}", sums);

    let words = env::args().skip(1).fold(BTreeMap::new(), |mut map, word| {
        *map.entry(word).or_insert(0) += 1;
        map
    });
    println!("words: {:?}", words);
}
