// SPDX-License-Identifier: Apache-2.0
// The same on @modelcontextprotocol/server 2.x: `node sdk2.mjs` speaks stdio, `node sdk2.mjs PORT` HTTP on loopback.
import { createServer } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { McpServer, createMcpHandler } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

function makeServer() {
  const server = new McpServer({ name: "echo", version: "1.0.0" });
  server.registerTool("echo", { description: "Gives back the text", inputSchema: z.object({ text: z.string() }) },
    async ({ text }) => ({ content: [{ type: "text", text }] }));
  return server;
}

const port = process.argv[2];
if (port)
  createServer(toNodeHandler(createMcpHandler(makeServer))).listen(Number(port), "127.0.0.1");
else
  serveStdio(makeServer);
