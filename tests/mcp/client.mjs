// SPDX-License-Identifier: Apache-2.0
//
// tests/mcp/client.mjs NPM_HOME SDK ERA URL|COMMAND... - asks a server as the official TypeScript SDK does, and prints
// what came of it as one JSON object. SDK: v1 (@modelcontextprotocol/sdk) or v2 (@modelcontextprotocol/client). ERA: of
// v2's: legacy, auto or modern. The SDK holds structured content against the tool's output schema itself.
import { createRequire } from 'node:module';

const [home, sdk, era, ...target] = process.argv.slice(2);
const load = createRequire(`${home}/package.json`);

function parts() {
    if (sdk === 'v1')
        return {
            ...load('@modelcontextprotocol/sdk/client/index.js'),
            ...load('@modelcontextprotocol/sdk/client/stdio.js'),
            ...load('@modelcontextprotocol/sdk/client/streamableHttp.js'),
        };
    return { ...load('@modelcontextprotocol/client'), ...load('@modelcontextprotocol/client/stdio') };
}

const { Client, StdioClientTransport, StreamableHTTPClientTransport } = parts();

function transport() {
    if (target[0].startsWith('http'))
        return new StreamableHTTPClientTransport(new URL(target[0]));
    return new StdioClientTransport({ command: target[0], args: target.slice(1), stderr: 'inherit', env: process.env });
}

const modes = { legacy: 'legacy', auto: 'auto', modern: { pin: '2026-07-28' } };

async function connect() {
    const options = sdk === 'v2' ? { versionNegotiation: { mode: modes[era] } } : {};
    const client = new Client({ name: 'barehull-test', version: '1.0.0' }, options);
    await client.connect(transport());
    return client;
}

// The code of the error that PROMISE is rejected with.
async function code(promise) {
    try {
        await promise;
        return 'no error';
    } catch (error) {
        return error.code ?? String(error);
    }
}

// A call that tells of its progress, and one that is called off.
async function fixtures(client, result) {
    const seen = [];
    const timed = { onprogress: (progress) => seen.push([progress.progress, progress.total]) };
    const call = { name: 'test_tool_with_progress', arguments: {} };
    result.progressed = (sdk === 'v1' ? await client.callTool(call, undefined, timed) : await client.callTool(call, timed))
        .content[0].text;
    result.progress = seen;
    const stop = new AbortController();
    const waits = { name: 'test_wait', arguments: { ms: 600000 } };
    const options = { signal: stop.signal };
    const waiting = sdk === 'v1' ? client.callTool(waits, undefined, options) : client.callTool(waits, options);
    setTimeout(() => stop.abort(), 200);
    result.aborted = await waiting.then(() => 'answered', () => 'called off');
    // The server has one worker: it answers this once that call is no longer at work.
    const before = performance.now();
    result.failed = await client.callTool({ name: 'test_fails', arguments: {} });
    result.freed_ms = Math.round(performance.now() - before);
}

async function catalogue(client, result) {
    const rule = { type: 'ref/prompt', name: 'explain-finding' };
    const template = { type: 'ref/resource', uri: 'barehull://rules/{id}' };
    const dockerfile = 'FROM gcr.io/distroless/static-debian12:nonroot\nHEALTHCHECK CMD curl -f http://localhost/\n';
    const files = [{ name: 'Dockerfile', content: dockerfile }];
    result.checked = (await client.callTool({ name: 'check', arguments: { files, only: ['healthcheck-runs'] } }))
        .structuredContent;
    result.misused = await client.callTool({ name: 'check', arguments: { file: 1 } });
    result.resources = (await client.listResources()).resources.length;
    result.templates = (await client.listResourceTemplates()).resourceTemplates.map((entry) => entry.uriTemplate);
    result.read = (await client.readResource({ uri: 'barehull://rules/exec-form' })).contents[0];
    result.prompts = (await client.listPrompts()).prompts.map((entry) => entry.name);
    result.prompt = (await client.getPrompt({ name: 'explain-finding', arguments: { rule: 'exec-form' } })).messages;
    result.completed = (await client.complete({ ref: rule, argument: { name: 'rule', value: 'exec' } })).completion;
    result.narrowed = (await client.complete({
        ref: rule,
        argument: { name: 'surface', value: '' },
        context: { arguments: { rule: 'loopback-ports' } },
    })).completion;
    result.template = (await client.complete({ ref: template, argument: { name: 'id', value: 'user' } })).completion;
    result.codes = [
        await code(client.callTool({ name: 'nothing', arguments: {} })),
        await code(client.readResource({ uri: 'barehull://rules/nothing' })),
        await code(client.getPrompt({ name: 'nothing' })),
        await code(client.getPrompt({ name: 'explain-finding' })),
    ];
}

const client = await connect();
const result = {
    version: client.getNegotiatedProtocolVersion?.() ?? client.transport.protocolVersion ?? null,
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
    tools: (await client.listTools()).tools.map((tool) => tool.name),
};
await (result.tools.includes('check') ? catalogue : fixtures)(client, result);
await client.close();
console.log(JSON.stringify(result));
