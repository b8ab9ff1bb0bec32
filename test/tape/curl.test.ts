import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { curlCommand } from "../../tape/curl/curl-command.js";
import { printfOf, shellWord } from "../../tape/curl/shell-word.js";
import type { Exchange } from "../../tape/index.js";
import { exchangeHead, wholeExchange } from "../support/exchange-head.js";
import { tempFolder } from "../support/temp.js";

const run = promisify(execFile);

/** Runs a script as bytes, as a user would who exported it to a file. */
async function shell(t: TestContext, script: string): Promise<Buffer> {
  const file = join(tempFolder(t), "script.sh");
  writeFileSync(file, Buffer.from(script, "latin1"));
  return (await run("sh", [file], { encoding: "buffer", maxBuffer: 1 << 28 })).stdout;
}

interface Came {
  method: string;
  target: string;
  headers: string[];
  body: Buffer;
}

async function startEcho(t: TestContext): Promise<{ authority: string; came: Came[] }> {
  const came: Came[] = [];
  const server = http.createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    came.push({
      method: request.method!,
      target: request.url!,
      headers: request.rawHeaders,
      body: Buffer.concat(pieces),
    });
    response.end("ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { authority: `127.0.0.1:${(server.address() as AddressInfo).port}`, came };
}

type Over = { method?: string; path?: string; headers?: [string, string][]; body?: Uint8Array; authority?: string };

function post({ method = "POST", path = "/a", headers = [], body, authority = "reviews:9080" }: Over): Exchange {
  const head = exchangeHead({ id: 17, request: { method, path, authority, protocol: "http/1.1" } });
  return wholeExchange(head, {
    requestHeaders: [["Host", authority], ...headers],
    ...(body ? { requestBody: body } : {}),
  });
}

test("printf gives any bytes in a POSIX shell, and a word is one word", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 20 }), async (all) => {
      const script = all.map((bytes) => printfOf(bytes)).join("\n");
      assert.deepEqual(await shell(t, script), Buffer.concat(all));
    }),
    { numRuns: 15 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string(), { minLength: 1 }), async (texts) => {
      const words = texts.map((text) => text.replaceAll("\0", ""));
      const script = `printf '%s\\n' ${words.map((word) => shellWord(word) || "''").join(" ")}`;
      assert.equal(
        (await shell(t, Buffer.from(script).toString("latin1"))).toString(),
        words.map((word) => `${word}\n`).join(""),
      );
    }),
    { numRuns: 15 },
  );
});

const requests: [string, Over][] = [
  ["a plain text", { headers: [["content-type", "text/plain"]], body: Buffer.from('it\'s $HOME `x` "y" \\n !') }],
  ["bytes of every value", { body: Uint8Array.from({ length: 256 }, (_, at) => at) }],
  ["a body that looks like a file's name", { body: Buffer.from("@/etc/hostname") }],
  ["a body that looks like an option of printf", { body: Buffer.from("-v x\n%s%d\\") }],
  ["more than a command line may hold", { body: Buffer.from("long text ".repeat(30_000)) }],
  ["an odd path", { method: "PUT", path: "/a/../b/[1-3]{x}?q='a'&$b=%20", body: Buffer.from("x") }],
  [
    "headers twice, empty, and beyond ASCII",
    {
      headers: [
        ["x-a", "1"],
        ["X-A", "2"],
        ["x-empty", ""],
        ["x-name", "gr\xfcn"],
        ["accept", "*/*"],
      ],
    },
  ],
  ["no body", { method: "DELETE" }],
  ["GET", { method: "GET" }],
];

test("a command sends the same request again: method, target, fields, bytes", async (t) => {
  const { authority, came } = await startEcho(t);
  for (const [name, over] of requests) {
    const exchange = post({ ...over, authority });
    await shell(t, curlCommand(exchange));
    const got = came.pop()!;
    const { request } = exchange;
    assert.equal(got.method, request.method, name);
    assert.equal(got.target, request.path, name);
    assert.deepEqual(got.body, Buffer.from(over.body ?? []), name);
    const fields = got.headers.flatMap((text, at) =>
      at % 2 === 0 ? [[text.toLowerCase(), got.headers[at + 1]!]] : [],
    );
    const own = fields.filter(([field]) => field !== "content-length" && field !== "host").sort();
    const recorded = request.headers
      .filter(([field]) => field !== "Host")
      .map(([field, value]) => [field.toLowerCase(), value]);
    assert.deepEqual(own, recorded.sort(), `${name}: nothing is added and nothing is left out`);
    assert.deepEqual(
      fields.filter(([field]) => field === "host"),
      [["host", authority]],
    );
  }
});

test("pseudonyms, cut bodies, trailers and handshakes are said in comments, a line each", () => {
  const exchange = post({ headers: [["authorization", "Bearer abc"]] });
  exchange.redacted = { request: ["header:authorization", "cookie:a\nb"], answer: [] };
  exchange.request.body = { kind: "cut", bytes: Buffer.from("abc"), fullBytes: 4096, hash: "" };
  exchange.request.trailers = [["x-sum", "1"]];
  const lines = curlCommand(exchange).trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, -1), [
    "# 17: pseudonyms, not the secrets themselves, at header:authorization, cookie:a?b",
    "# 17: the body is cut: 3 B of 4.0 KiB",
    "# 17: trailers are left out: x-sum",
  ]);
  assert.match(lines.at(-1)!, /^curl -sSi --http1\.1 -H 'authorization: Bearer abc' /);
  const socket = { ...post({ method: "GET", body: Buffer.from("hello") }) };
  socket.answer = {
    kind: "response",
    status: 101,
    end: "complete",
    headers: [],
    trailers: [],
    body: { kind: "empty" },
  };
  assert.match(curlCommand(socket), /^# 17: a change of protocol: the handshake alone\ncurl (?!.*hello)/);
});

test("CONNECT is no command, and OPTIONS * keeps its target", () => {
  assert.equal(
    curlCommand(post({ method: "CONNECT", path: "a:443", authority: "a:443" })),
    "# 17: CONNECT a:443 is a tunnel, no request of its own\n",
  );
  assert.match(
    curlCommand(post({ method: "OPTIONS", path: "*" })),
    /--request-target '\*' .*http:\/\/reviews:9080\/$/m,
  );
});
