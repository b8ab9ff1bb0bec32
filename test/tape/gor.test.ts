import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { OperatorError } from "../../base/index.js";
import type { Message } from "../../message/index.js";
import { readGor } from "../../tape/gor/read-gor.js";
import type { Imported, ImportedCall } from "../../tape/import/imported.js";
import { type CapturedCall, type Exchange, exportTape, importFiles, openTape } from "../../tape/index.js";
import { anyCall, anyConversation, tapeOfCalls } from "../support/arbitrary-calls.js";
import { allOf, callPart, capturedBody, capturedRequest, capturedResponse, testKey } from "../support/captured.js";
import { tempFolder } from "../support/temp.js";

const separator = "\n🐵🙈🙉\n";
const record = (head: string, ...lines: string[]) => `${head}\n${lines.join("\r\n")}${separator}`;
const request = (id: string, at: number, path = "/a") =>
  record(`1 ${id} ${at} 5`, `GET ${path} HTTP/1.1`, "Host: shop.example.com", "", "");
const response = (id: string, at: number, body = "ok", type = 2) =>
  record(`${type} ${id} ${at} 7`, "HTTP/1.1 200 OK", `Content-Length: ${body.length}`, "", body);

async function* inPieces(bytes: Buffer, size = bytes.length): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Buffer, { size = 0, replayedAnswers = false } = {}): Promise<Imported[]> {
  const bytes = Buffer.from(text);
  return await allOf(readGor("x.gor", inPieces(bytes, size || bytes.length), { replayedAnswers }));
}

const callsIn = (all: readonly Imported[]) => all.flatMap((one) => (one.kind === "call" ? [one.call] : []));
const answerText = ({ answer }: ImportedCall) =>
  answer.kind === "response" ? Buffer.concat(answer.body.pieces).toString() : answer.kind;

test("requests and responses are brought together by id, interleaved and in any order", async () => {
  const file = request("a", 100) + request("b", 110, "/b") + response("b", 120, "of b") + response("c", 130, "of c");
  const all = await read(file + response("a", 140, "of a") + request("c", 125, "/c"));
  assert.deepEqual(
    callsIn(all).map((call) => [call.request.path, answerText(call)]),
    [
      ["/b", "of b"],
      ["/a", "of a"],
      ["/c", "of c"],
    ],
  );
  const [, first] = callsIn(all);
  assert.equal(first!.request.authority, "shop.example.com");
  assert.deepEqual(
    [first!.startedNs, first!.requestEndedNs, first!.answerStartedNs, first!.answerEndedNs],
    [100n, 105n, 140n, 147n],
  );
});

test("in files of GoReplay before 1.0 the latency runs from the beginning of the request", async () => {
  const old =
    record("1 a 1000", "GET / HTTP/1.1", "Host: a", "", "") + record("2 a 1400 500", "HTTP/1.1 200 OK", "", "");
  const [call] = callsIn(await read(old));
  assert.deepEqual([call!.answerStartedNs, call!.answerEndedNs], [1400n, 1500n]);
});

test("what has no other half is kept as a request without an answer, or left out and counted", async () => {
  const all = await read(request("a", 1) + response("b", 2));
  assert.deepEqual(
    all.map((one) => (one.kind === "call" ? [one.call.answer.kind, one.notes] : one.kind === "left-out" && one.note)),
    [["unknown", ["answer-missing"]], "answer-alone"],
  );
});

test("replayed responses are counted and left out, or are the answers by choice", async () => {
  const file = request("a", 1) + response("a", 2, "original") + response("a", 3, "replayed", 3);
  const [byDefault, asked] = [await read(file), await read(file, { replayedAnswers: true })];
  assert.deepEqual(callsIn(byDefault).map(answerText), ["original"]);
  assert.deepEqual(callsIn(asked).map(answerText), ["replayed"]);
  const notes = (all: Imported[]) => all.flatMap((one) => (one.kind === "left-out" ? [one.note] : []));
  assert.deepEqual([notes(byDefault), notes(asked)], [["replayed-answer"], ["original-answer"]]);
});

const framings: [string, string[], string, boolean][] = [
  [
    "chunks and trailers",
    ["Transfer-Encoding: chunked", "", "3;x=1", "abc", "2", "de", "0", "X-Sum: 5", "", ""],
    "abcde",
    true,
  ],
  ["chunks that break off", ["Transfer-Encoding: chunked", "", "5", "ab"], "ab", false],
  ["chunks that were taken off already", ["Transfer-Encoding: chunked", "", "plain text"], "plain text", true],
  ["less than its length", ["Content-Length: 10", "", "abc"], "abc", false],
  ["more than its length", ["Content-Length: 2", "", "abc"], "ab", true],
  ["no length", ["", "to the end"], "to the end", true],
];

for (const [name, lines, body, isWhole] of framings) {
  test(`a body with ${name} is read for what it is`, async () => {
    const file = request("a", 1) + record("2 a 2 3", "HTTP/1.1 200 OK", ...lines);
    const [call] = callsIn(await read(file));
    assert.equal(answerText(call!), body);
    const { answer } = call!;
    assert.ok(answer.kind === "response");
    assert.equal(answer.body.fullBytes === body.length, isWhole);
    if (name === "chunks and trailers") assert.deepEqual(answer.trailers, ["X-Sum", "5"]);
  });
}

test("answers to HEAD and 304 have a length and no body; 100 Continue is not the answer", async () => {
  const head =
    record("1 a 1 1", "HEAD / HTTP/1.1", "Host: a", "", "") +
    record("2 a 2 1", "HTTP/1.1 200 OK", "Content-Length: 9", "", "");
  const cached = request("b", 3) + record("2 b 4 1", "HTTP/1.1 304 Not Modified", "Content-Length: 9", "", "");
  const interim =
    request("c", 5) +
    record("2 c 6 1", "HTTP/1.1 100 Continue", "", "HTTP/1.1 201 Created", "Content-Length: 2", "", "ok");
  const calls = callsIn(await read(head + cached + interim));
  assert.deepEqual(calls.map(answerText), ["", "", "ok"]);
  for (const { answer } of calls)
    assert.ok(answer.kind === "response" && answer.body.hash === undefined, "nothing is missing");
  assert.ok(calls[2]!.answer.kind === "response" && calls[2]!.answer.status === 201);
});

test("records are found wherever the file is cut into pieces", async () => {
  const file = Buffer.from(
    request("a", 1) + response("a", 2) + request("b", 3, "/b") + response("b", 4, "x".repeat(300)),
  );
  const whole = await read(file);
  for (const size of [1, 2, 5, 13, 100]) assert.deepEqual(await read(file, { size }), whole, `pieces of ${size}`);
});

test("more than the bound waits for no answer: memory is bounded, and what came too late is counted", async () => {
  async function* many(): AsyncGenerator<Buffer> {
    const body = "x".repeat(1 << 20);
    for (let id = 0; id < 80; id++) {
      yield Buffer.from(record(`1 ${id} ${id} 1`, "POST / HTTP/1.1", `Content-Length: ${body.length}`, "", body));
    }
    yield Buffer.from(response("0", 1000) + response("79", 1001));
  }
  const all = await allOf(readGor("x.gor", many(), { replayedAnswers: false }));
  assert.equal(callsIn(all).length, 80);
  assert.equal(callsIn(all).filter(({ answer }) => answer.kind === "response").length, 1);
  assert.equal(all.filter((one) => one.kind === "left-out" && one.note === "answer-alone").length, 1);
});

const refused: [string, string, RegExp][] = [
  [
    "is cut",
    (request("a", 1) + response("a", 2)).slice(0, -30),
    /"x\.gor": it ends inside a record, after 1 records, at byte \d+$/,
  ],
  [
    "holds something else",
    `${request("a", 1)}hello${separator}`,
    /record 2, at byte \d+, begins with "hello" where "TYPE ID TIME" belongs$/,
  ],
];

for (const [name, text, message] of refused) {
  test(`a file that ${name} is refused with one line, after what was whole`, async () => {
    const found: Imported[] = [];
    await assert.rejects(
      async () => {
        for await (const one of readGor("x.gor", inPieces(Buffer.from(text)), { replayedAnswers: false }))
          found.push(one);
      },
      (thrown: Error) => thrown instanceof OperatorError && message.test(thrown.message),
    );
    assert.equal(callsIn(found).length, 1);
  });
}

async function gorOf(
  calls: readonly CapturedCall[],
): Promise<{ bytes: Buffer; losses: readonly { inWords: string }[] }> {
  const pieces: Buffer[] = [];
  const out = new Writable({ write: (piece, _encoding, done) => done(void pieces.push(piece)) });
  const { losses } = await exportTape(await tapeOfCalls(calls, testKey), out, { format: "gor", version: "0" });
  return { bytes: Buffer.concat(pieces), losses };
}

async function backFrom(t: TestContext, bytes: Buffer): Promise<Exchange[]> {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "a.gor"), bytes);
  await importFiles({ files: [join(folder, "a.gor")], tape: join(folder, "back.db"), key: testKey });
  const tape = await openTape([join(folder, "back.db")]);
  const exchanges = await allOf(tape.read());
  await tape.close();
  return exchanges;
}

/** All that a .gor file can say. */
function sayable({ request, answer, ...times }: Exchange) {
  const body = (one: Exchange["request"]["body"]) =>
    "bytes" in one ? Buffer.from(one.bytes).toString("latin1") : one.kind;
  const message = ({ headers, trailers, body: bytes }: Message) => ({
    headers,
    trailers,
    body: body(bytes),
  });
  return {
    method: request.method,
    authority: request.authority,
    path: request.path,
    protocol: request.protocol,
    request: message(request),
    answer: answer.kind === "response" ? { status: answer.status, ...message(answer) } : answer.kind,
    startedNs: times.startedNs,
    requestEndedNs: times.requestEndedNs,
    answerStartedNs: times.answerStartedNs,
    answerEndedNs: times.answerEndedNs,
  };
}

const plainText = fc.string({ unit: fc.constantFrom(..."abcdef gh\n\r\t"), maxLength: 60 });
const plainField = fc.string({ unit: fc.constantFrom(..."abcdefgh"), minLength: 1, maxLength: 12 });

/** HTTP/1.1 with one of its framings, nothing in it secret. */
const sayableCall = fc
  .record({
    path: plainField,
    field: plainField,
    sent: plainText,
    came: plainText,
    isChunked: fc.boolean(),
    trailer: fc.option(plainField),
    afterNs: fc.nat(1e9),
  })
  .map(({ path, field, sent, came, isChunked, trailer, afterNs }): CapturedCall => {
    const startedMs = afterNs / 1e6;
    const length = isChunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(came.length)];
    return callPart(1, {
      vantage: "import",
      request: capturedRequest({
        method: "POST",
        path: `/${path}`,
        authority: "reviews:9080",
        headers: ["Host", "reviews:9080", "X-Field", field, "Content-Length", String(sent.length)],
        body: capturedBody(sent),
        startedMs,
        endedMs: startedMs + 0.25,
      }),
      answer: capturedResponse(came, {
        headers: ["X-Field", field, ...length],
        ...(isChunked && trailer !== null ? { trailers: ["x-trailer", trailer] } : {}),
        startedMs: startedMs + 1,
        endedMs: startedMs + 1.5,
      }),
    }) as CapturedCall;
  });

test("a tape comes back from its .gor file with all that the format can say", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(sayableCall, { minLength: 1, maxLength: 10 }), async (calls) => {
      const before = await allOf((await tapeOfCalls(calls, testKey)).read());
      const { bytes, losses } = await gorOf(calls);
      assert.deepEqual(losses, []);
      const byTime = (all: Exchange[]) =>
        all.map(sayable).sort((a, b) => (JSON.stringify(a, text) < JSON.stringify(b, text) ? -1 : 1));
      const text = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
      assert.deepEqual(byTime(await backFrom(t, bytes)), byTime(before));
    }),
    { numRuns: 15 },
  );
});

test("any tape can be written, each Exchange as a request at least, and read again; what is lost is said", async () => {
  const anyTape = fc.array(fc.oneof({ weight: 4, arbitrary: anyCall }, anyConversation), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(anyTape, async (calls) => {
      const { bytes, losses } = await gorOf(calls);
      const back = callsIn(await read(bytes));
      assert.equal(back.length, calls.length);
      const answered = calls.filter(
        ({ part, ...rest }) => part === "call" && "answer" in rest && rest.answer.kind === "response",
      );
      assert.equal(back.filter(({ answer }) => answer.kind === "response").length, answered.length);
      if (answered.length < calls.length) assert.ok(losses.length > 0);
    }),
    { numRuns: 60 },
  );
});

test("a body that holds the separator cannot be written, and that is said", async () => {
  const { bytes, losses } = await gorOf([
    callPart(1, { request: capturedRequest({ text: `a${separator}b` }) }) as CapturedCall,
    callPart(2) as CapturedCall,
  ]);
  assert.equal(callsIn(await read(bytes)).length, 1);
  assert.match(losses[0]!.inWords, /separator/);
});

test("gzip files, several of them one after the other, and cut ones", async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, "a.gor.gz");
  const members = [request("a", 1) + response("a", 2), request("b", 3)].map((text) => gzipSync(text));
  writeFileSync(path, Buffer.concat(members));
  assert.equal((await importFiles({ files: [path], tape: join(folder, "whole.db"), key: testKey })).kept, 2);
  const noise = Array.from({ length: 2000 }, (_, id) => request(`r${id}`, id, `/${Math.sin(id)}`)).join("");
  const packed = gzipSync(noise);
  writeFileSync(path, packed.subarray(0, packed.length / 2));
  await assert.rejects(
    importFiles({ files: [path], tape: join(folder, "cut.db"), key: testKey }),
    /a\.gor\.gz": it cannot be read any further \(unexpected end of file\); after \d+ records, at byte \d+$/,
  );
});

test("whatever is done to a .gor file, reading it ends, with its calls or with one line", async () => {
  const file = Buffer.from(
    request("a", 100) + response("a", 120) + request("b", 130) + response("b", 140, "x".repeat(50)),
  );
  const damage = fc.record({ at: fc.nat(file.length - 1), bytes: fc.uint8Array({ maxLength: 8 }), drop: fc.nat(40) });
  const damaged = fc
    .array(damage, { minLength: 1, maxLength: 4 })
    .map((all) =>
      all.reduce(
        (bytes, { at, bytes: put, drop }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]),
        file,
      ),
    );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        damaged,
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      ),
      fc.integer({ min: 1, max: 400 }),
      async (bytes, size) => {
        try {
          await read(bytes, { size });
        } catch (thrown) {
          assert.ok(thrown instanceof OperatorError, String(thrown));
          assert.ok(!thrown.message.includes("\n"), thrown.message);
        }
      },
    ),
    { numRuns: 400 },
  );
});
