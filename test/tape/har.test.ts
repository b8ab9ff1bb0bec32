import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { OperatorError } from "../../base/index.js";
import { readHar } from "../../tape/har/read-har.js";
import type { Imported, ImportedCall } from "../../tape/import/imported.js";
import {
  type Exchange,
  exportTape,
  importFiles,
  openTape,
  type RedactionKey,
  type RedactionSpec,
  redactionKey,
  type TapeReader,
} from "../../tape/index.js";
import { anyCall, anyConversation, tapeOfCalls } from "../support/arbitrary-calls.js";
import { allOf, testKey } from "../support/captured.js";
import { projectFolder } from "../support/project.js";
import { tempFolder } from "../support/temp.js";

const golden = (name: string) => readFileSync(join(projectFolder, "test/fixtures/har", `${name}.har`));

async function* inPieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

async function read(text: string | Buffer): Promise<Imported[]> {
  return await allOf(readHar("x.har", inPieces(Buffer.from(text))));
}

async function calls(name: string): Promise<ImportedCall[]> {
  return (await read(golden(name))).flatMap((one) => (one.kind === "call" ? [one.call] : []));
}

const textOf = ({ body }: { body: ImportedCall["request"]["body"] }) => Buffer.concat(body.pieces).toString("utf8");
const responseOf = ({ answer }: ImportedCall) => {
  assert.equal(answer.kind, "response");
  return answer as Extract<ImportedCall["answer"], { kind: "response" }>;
};

test("a HAR of Chrome: pseudo fields, joined cookies, coded content, cache, data: and blocked requests, h3, WebSocket", async () => {
  const all = await read(golden("chrome"));
  assert.deepEqual(
    all.map((one) => (one.kind === "left-out" ? one.note : one.kind === "call" ? one.notes : one.kind)),
    [[], [], "cached", "not-http", ["as-h2"], [], ["missing-body"], []],
  );
  const [page, login, logo, beat, font, live] = await calls("chrome");
  assert.equal(page!.request.authority, "shop.example.com");
  assert.equal(page!.request.path, "/?q=tea");
  assert.equal(page!.request.protocol, "h2");
  assert.ok(!page!.request.headers.some((text) => text.startsWith(":")));
  const cookies = responseOf(page!).headers.filter((_, at, flat) => flat[at - 1] === "set-cookie");
  assert.deepEqual(cookies, ["sid=9a8b7c6d5e; Path=/", "theme=dark; Path=/"]);
  // Its fields say gzip, so its bytes are gzip again.
  assert.equal(responseOf(page!).body.pieces[0]![0], 0x1f);
  assert.equal(page!.answerEndedNs! - page!.startedNs, 85_500_000n);
  assert.equal(page!.answerStartedNs! - page!.startedNs, 73_250_000n);
  assert.match(textOf(login!.request), /correct-horse-9/);
  assert.deepEqual([...responseOf(logo!).body.pieces[0]!], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  assert.deepEqual(beat!.answer, { kind: "failure", reason: "refused" });
  assert.equal(responseOf(font!).body.fullBytes, 18_444, "a body that was left out is no empty one");
  assert.deepEqual(responseOf(font!).body.pieces, []);
  assert.equal(live!.request.scheme, "https");
  assert.deepEqual(
    live!.frames!.map(({ direction, kind, offset, length }) => [direction, kind, offset, length]),
    [
      ["to-server", "text", 0, 15],
      ["to-client", "text", 0, 17],
      ["to-client", "binary", 17, 3],
    ],
  );
  assert.equal(live!.frames![0]!.atNs, 1_772_442_900_500_100_000n);
  assert.deepEqual([...Buffer.concat(responseOf(live!).body.pieces).subarray(17)], [0, 255, 128]);
});

test("a HAR of Firefox: zones, forms, text beyond ASCII, cache, what an extension blocked", async () => {
  const all = await read(golden("firefox"));
  assert.deepEqual(
    all.map((one) => (one.kind === "left-out" ? one.note : one.kind)),
    ["call", "call", "cached", "call"],
  );
  const [post, cart, pixel] = await calls("firefox");
  assert.equal(post!.startedNs, 1_772_443_230_005_000_000n);
  assert.equal(textOf(post!.request), "item=green+tea&token=a1b2c3xx");
  assert.equal(responseOf(post!).body.fullBytes, 0);
  assert.deepEqual(JSON.parse(textOf(responseOf(cart!))), { name: "Grüner Tee" });
  assert.deepEqual(pixel!.answer, { kind: "failure", reason: "aborted" });
});

test("a HAR of Playwright: content that was left out, of unknown length, and a request without an answer", async () => {
  const [health, slow] = await calls("playwright");
  const { body } = responseOf(health!);
  assert.deepEqual(body.pieces, []);
  assert.ok(body.fullBytes > 0, "never passed off as empty");
  assert.deepEqual(slow!.answer, { kind: "failure", reason: "timed-out" });
});

test("a HAR of mitmproxy: microseconds, base64, HEAD", async () => {
  const [put, head] = await calls("mitmproxy");
  assert.equal(put!.startedNs, 1_772_452_800_123_456_000n);
  assert.equal(textOf(put!.request), "brew\n");
  assert.deepEqual([...responseOf(put!).body.pieces[0]!], [255, 0, 254, 1]);
  assert.equal(put!.connection, "5c1d");
  assert.equal(responseOf(head!).body.fullBytes, 0, "the length is that of a body which HEAD does not send");
});

const entry = (over: object = {}) => ({
  startedDateTime: "2026-03-02T09:15:00.000Z",
  request: { method: "GET", url: "http://example.com/", headers: [] },
  response: { status: 200, headers: [], content: { size: 2, mimeType: "text/plain", text: "ok" } },
  ...over,
});
const har = (...entries: unknown[]) => JSON.stringify({ log: { version: "1.2", entries } });

const refused: [string, string, RegExp][] = [
  ["no JSON", "<html>", /"x\.har": it is not JSON of the form of a HAR, after 0 entries, at byte 0$/],
  ["nothing", "", /it is empty/],
  ["no entries", '{"log":{"version":"1.2"}}', /it has no list "log\.entries"/],
  ["entries elsewhere", '{"entries":[]}', /it has no list "log\.entries"/],
  ["an end in the middle", har(entry()).slice(0, -2), /it ends in the middle, after 1 entries, at byte \d+$/],
  ["an entry without a request", har(entry(), entry({ request: undefined })), /entry 2, at byte \d+: request: /],
  ["an entry without a method", har(entry({ request: { url: "http://a/", headers: [] } })), /entry 1.*request\.method/],
  [
    "a URL that is relative",
    har(entry({ request: { method: "GET", url: "/a", headers: [] } })),
    /"\/a" is no absolute URL/,
  ],
  ["a time that is none", har(entry({ startedDateTime: "yesterday" })), /"yesterday" is no ISO 8601 time/],
  [
    "a time beyond 64 bits",
    har(entry({ startedDateTime: "9999-12-31T23:59:59Z" })),
    /further off than a tape can tell/,
  ],
  ["a status that is none", har(entry({ response: { status: 20.5, headers: [], content: {} } })), /20\.5 is no status/],
  [
    "a header without a value",
    har(entry({ request: { method: "GET", url: "http://a/", headers: [{ name: "a" }] } })),
    /entry 1.*headers\[0\]\.value/,
  ],
  ["an entry that is broken", '{"log":{"entries":[{"a":tru}]}}', /entry 1, at byte 19: it is not JSON/],
  ["more after the end", `${har(entry())} x`, /not JSON of the form/],
];

for (const [name, text, message] of refused) {
  test(`a HAR with ${name} is refused with one line that names the place`, async () => {
    await assert.rejects(read(text), (thrown: Error) => {
      assert.ok(thrown instanceof OperatorError);
      assert.match(thrown.message, message);
      assert.ok(!thrown.message.includes("\n"));
      return true;
    });
  });
}

test("entries are found wherever the file is cut into pieces", async () => {
  const file = golden("chrome");
  const whole = await read(file);
  for (const size of [1, 2, 3, 7, 64, 1000]) {
    assert.deepEqual(await allOf(readHar("x.har", inPieces(file, size))), whole, `pieces of ${size}`);
  }
});

async function harOf(tape: TapeReader, key: RedactionKey | undefined): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const out = new Writable({ write: (piece, _encoding, done) => done(void pieces.push(piece)) });
  await exportTape(tape, out, { format: "har", version: "0", ...(key ? { key } : {}) });
  return Buffer.concat(pieces);
}

async function backFrom(t: TestContext, bytes: Buffer, key: RedactionKey, redaction?: RedactionSpec) {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "a.har"), bytes);
  const summary = await importFiles({
    files: [join(folder, "a.har")],
    tape: join(folder, "back.db"),
    key,
    ...(redaction && { redaction }),
  });
  const tape = await openTape([join(folder, "back.db")]);
  const stats = await tape.stats();
  const exchanges = await allOf(tape.read());
  await tape.close();
  return { summary, exchanges, stats, path: join(folder, "back.db") };
}

/** Ids are a tape's own; bytes are compared as bytes, whatever class holds them. */
function comparable(exchanges: readonly Exchange[]): unknown[] {
  const plain = (body: Exchange["request"]["body"]) => ("bytes" in body ? { ...body, bytes: [...body.bytes] } : body);
  return exchanges.map(({ id: _, request, answer, ...rest }) => ({
    ...rest,
    request: { ...request, body: plain(request.body) },
    answer: answer.kind === "response" ? { ...answer, body: plain(answer.body) } : answer,
  }));
}

test("a tape comes back from its HAR exactly, whatever is on it", async (t) => {
  const anyTape = fc.array(fc.oneof({ weight: 5, arbitrary: anyCall }, anyConversation), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(anyTape, async (captured) => {
      const tape = await tapeOfCalls(captured, testKey);
      const before = await allOf(tape.read());
      const { summary, exchanges, stats } = await backFrom(t, await harOf(tape, testKey), testKey);
      assert.deepEqual(comparable(exchanges), comparable(before));
      assert.equal(summary.unsealed, 0);
      const upstreams = new Set(stats.recorders.map(({ upstream }) => upstream));
      assert.deepEqual([...upstreams], ["127.0.0.1:9080"], "a replay there must still be asked for");
    }),
    { numRuns: 40 },
  );
});

test("bodies of which no hash is known stay apart", async (t) => {
  const [call] = fc.sample(anyCall, { numRuns: 1, seed: 7 });
  const cut = (text: string) => ({ pieces: [Buffer.from(text)], fullBytes: 100, hash: new Uint8Array(16) });
  const request = { ...call!.request, headers: ["content-type", "text/plain"] };
  const captured = ["one", "two"].map(
    (text) => ({ ...call!, request: { ...request, body: cut(text) } }) as typeof call & object,
  );
  const { exchanges } = await backFrom(t, await harOf(await tapeOfCalls(captured, testKey), testKey), testKey);
  const kept = exchanges.map(({ request: { body } }) =>
    body.kind === "cut" ? Buffer.from(body.bytes).toString() : body.kind,
  );
  assert.deepEqual(kept.sort(), ["one", "two"]);
});

test("every HAR that is written parses as one, with the standard's members", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 5 }), async (captured) => {
      const { log } = JSON.parse((await harOf(await tapeOfCalls(captured, testKey), testKey)).toString("utf8"));
      assert.equal(log.version, "1.2");
      for (const one of log.entries) {
        for (const member of ["startedDateTime", "time", "request", "response", "cache", "timings"])
          assert.ok(member in one);
        for (const member of [
          "method",
          "url",
          "httpVersion",
          "cookies",
          "headers",
          "queryString",
          "headersSize",
          "bodySize",
        ]) {
          assert.ok(member in one.request, `request.${member}`);
        }
        for (const member of ["status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"]) {
          assert.ok(member in one.response, `response.${member}`);
        }
        assert.ok(URL.canParse(one.request.url), one.request.url);
      }
    }),
    { numRuns: 30 },
  );
});

test("messages of a WebSocket are written as Chrome writes them", async () => {
  const [conversation] = fc.sample(anyConversation, { numRuns: 1, seed: 3 });
  const { log } = JSON.parse((await harOf(await tapeOfCalls([conversation!], testKey), testKey)).toString("utf8"));
  const messages = log.entries[0]._webSocketMessages as { type: string; opcode: number; time: number; data: string }[];
  assert.equal(messages.length, conversation!.part === "call" ? conversation!.frames!.length : 0);
  for (const [at, { type, opcode, time, data }] of messages.entries()) {
    const frame = conversation!.part === "call" ? conversation!.frames![at]! : undefined;
    assert.equal(type, frame!.direction === "to-server" ? "send" : "receive");
    assert.equal(opcode, frame!.kind === "text" ? 1 : 2);
    assert.ok(Math.abs(time - (1_700_000_000.123456 + frame!.atMs / 1000)) < 1e-5, String(time));
    assert.equal(Buffer.from(data, opcode === 1 ? "utf8" : "base64").length, frame!.length);
  }
});

const secret = "correct-horse-9";
const login = async () => {
  const [call] = fc.sample(anyCall, { numRuns: 1, seed: 7 });
  const body = Buffer.from(JSON.stringify({ password: secret, ref: "inner-77" }));
  const request = {
    ...call!.request,
    headers: ["content-type", "application/json"],
    body: { pieces: [body], fullBytes: body.length },
    end: "complete" as const,
  };
  return await harOf(await tapeOfCalls([{ ...call!, request } as typeof call & object], testKey), testKey);
};

test("an entry that was changed by hand has lost its seal, and is redacted again", async (t) => {
  const written = (await login()).toString("utf8");
  assert.ok(!written.includes(secret));
  const pseudonym = /\\"password\\":\\"([^"\\]+)\\"/.exec(written)![1]!;
  const { summary, exchanges } = await backFrom(t, Buffer.from(written.replace(pseudonym, secret)), testKey);
  assert.equal(summary.unsealed, 1);
  const { body } = exchanges[0]!.request;
  assert.ok(body.kind === "whole" && !Buffer.from(body.bytes).toString().includes(secret));
  assert.deepEqual(exchanges[0]!.redacted.request.includes("body:/password"), true);
});

test("rules given with an import replace what they name in sealed entries, and nothing twice", async (t) => {
  const bytes = await login();
  const before = /\\"password\\":\\"([^"\\]+)\\"/.exec(bytes.toString("utf8"))![1]!;
  const redaction = { names: [{ name: "ref" }] };
  const { summary, exchanges, stats, path } = await backFrom(t, bytes, testKey, redaction);
  assert.equal(summary.unsealed, 0);
  const { body } = exchanges[0]!.request;
  const { password, ref } = JSON.parse(Buffer.from(body.kind === "whole" ? body.bytes : []).toString());
  assert.equal(password, before, "a pseudonym stays as it is");
  assert.notEqual(ref, "inner-77");
  assert.deepEqual(stats.recorders[0]!.redaction, [{}, redaction]);
  const tape = await openTape([path]);
  const again = await backFrom(t, await harOf(tape, testKey), testKey);
  await tape.close();
  assert.deepEqual(again.stats.recorders[0]!.redaction, [{}, redaction], "a HAR says what its tape was redacted with");
});

test("a HAR of another tape's key is redacted with the new one, and its hashes are taken anew", async (t) => {
  const other = redactionKey(new Uint8Array(32).fill(9));
  const bytes = await login();
  const { summary, exchanges } = await backFrom(t, bytes, other);
  assert.equal(summary.unsealed, 1);
  const { body } = exchanges[0]!.request;
  assert.ok(body.kind === "whole" && !bytes.toString("utf8").includes(body.hash));
});

test("whatever is done to a HAR, reading it ends, with its calls or with one line", async () => {
  const file = golden("chrome");
  const damage = fc.record({ at: fc.nat(file.length - 1), bytes: fc.uint8Array({ maxLength: 8 }), drop: fc.nat(40) });
  const damaged = fc
    .array(damage, { minLength: 1, maxLength: 4 })
    .map((all) =>
      all.reduce(
        (bytes, { at, bytes: put, drop }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]),
        file,
      ),
    );
  const anyHar = fc.oneof(
    damaged,
    fc.json().map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(fc.jsonValue()).map((entries) => Buffer.from(har(...entries))),
    fc.nat(file.length).map((end) => file.subarray(0, end)),
  );
  await fc.assert(
    fc.asyncProperty(anyHar, fc.integer({ min: 1, max: 5000 }), async (bytes, size) => {
      try {
        await allOf(readHar("x.har", inPieces(bytes, size)));
      } catch (thrown) {
        assert.ok(thrown instanceof OperatorError, String(thrown));
        assert.ok(!thrown.message.includes("\n"), thrown.message);
      }
    }),
    { numRuns: 400 },
  );
});
