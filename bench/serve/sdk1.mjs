// SPDX-License-Identifier: Apache-2.0
// A server of one tool that gives back its text, on @modelcontextprotocol/sdk 1.x, as its documentation has it:
// `node sdk1.mjs` speaks stdio, `node sdk1.mjs PORT` HTTP without sessions on loopback.
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

function makeServer() {
  const server = new McpServer({ name: "echo", version: "1.0.0" });
  server.registerTool("echo", { description: "Gives back the text", inputSchema: { text: z.string() } },
    async ({ text }) => ({ content: [{ type: "text", text }] }));
  return server;
}

async function answer(request, response) {
  const server = makeServer();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on("close", () => {
    transport.close();
    server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

const port = process.argv[2];
if (port)
  createServer(answer).listen(Number(port), "127.0.0.1");
else
  await makeServer().connect(new StdioServerTransport());
