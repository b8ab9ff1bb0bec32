import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { encodeWebSocketFrame, frameGrpc, type HeaderField, webSocketOpcodes } from "../../../message/index.js";
import { compareAnswers } from "../../../replayer/compare/answers.js";
import { SchemaBook } from "../../../replayer/compare/kinds/grpc-schemas.js";
import type { Answer, Difference } from "../../../tape/index.js";
import { responseOf } from "../../support/response-of.js";

const typed = (type: string, body: string | Uint8Array, more: readonly HeaderField[] = []) =>
  responseOf(body, { fields: [["content-type", type], ...more] });
const places = (expected: Answer, actual: Answer) =>
  compareAnswers(expected, actual, { grpc: new SchemaBook().for("/a.B/C") }).map(
    ({ kind, place }) => `${kind} ${place}`,
  );

const multipart = (boundary: string, parts: readonly [head: string, content: string][]) =>
  typed(
    `multipart/form-data; boundary=${boundary}`,
    `${parts.map(([head, content]) => `--${boundary}\r\n${head}\r\n\r\n${content}\r\n`).join("")}--${boundary}--\r\n`,
  );
const webSocket = (...frames: { opcode: number; payload: Uint8Array; fin?: boolean }[]) =>
  responseOf(Buffer.concat(frames.map((frame) => encodeWebSocketFrame(frame))), {
    status: 101,
    fields: [["sec-websocket-accept", "x"]],
  });
const textFrame = (text: string, fin = true) => ({ opcode: webSocketOpcodes.text, payload: Buffer.from(text), fin });
const grpc = (...messages: Uint8Array[]) =>
  typed("application/grpc", Buffer.concat(messages.map((message) => frameGrpc(message))));
const events = (...data: string[]) => typed("text/event-stream", data.map((one) => `data: ${one}\n\n`).join(""));
const form = (text: string) => typed("application/x-www-form-urlencoded", text);
const jsonLines = (text: string) => typed("application/x-ndjson", text);
const json = (text: string) => typed("application/json", text);
const text = (content: string) => typed("text/plain", content);

const cases: readonly [title: string, Answer, Answer, string[]][] = [
  ["a form by field", form("a=1&b=x%20y"), form("b=x+y&a=2"), ["changed-value body:/a"]],
  ["a form field given twice", form("a=1"), form("a=1&a=2"), ["duplicate-key body:/a"]],
  [
    "a multipart body by part, whatever its boundary",
    multipart("x1", [
      ['content-disposition: form-data; name="a"', "1"],
      ['content-disposition: form-data; name="b"', "2"],
    ]),
    multipart("y2", [
      ['content-disposition: form-data; name="a"', "1"],
      ['content-disposition: form-data; name="b"', "3"],
    ]),
    ["changed-value body:/b/content"],
  ],
  [
    "another file name of a part",
    multipart("x", [['content-disposition: form-data; name="a"; filename="1.txt"', "1"]]),
    multipart("x", [['content-disposition: form-data; name="a"; filename="2.txt"', "1"]]),
    ["changed-value body:/a/filename"],
  ],
  ["a byte order mark put before JSON", json('{"a":1}'), json('\ufeff{"a":1}'), ["body-format body"]],
  [
    "a byte order mark that is gone, and what else changed",
    json('\ufeff{"a":1}'),
    json('{"a":2}'),
    ["body-format body", "changed-value body:/a"],
  ],
  [
    "a byte order mark before both, of which nothing is said",
    json('\ufeff{"a":1}'),
    json('\ufeff{"a":2}'),
    ["changed-value body:/a"],
  ],
  [
    "another file name of a part, encoded, or quoted with a semicolon in it",
    multipart("x", [
      ["content-disposition: form-data; name=a; filename*=UTF-8''a.txt", "1"],
      ['content-disposition: form-data; name="b"; filename="a;1.txt"', "1"],
    ]),
    multipart("x", [
      ["content-disposition: form-data; name=a; filename*=UTF-8''b.txt", "1"],
      ['content-disposition: form-data; name="b"; filename="a;2.txt"', "1"],
    ]),
    ["changed-value body:/a/filename*", "changed-value body:/b/filename"],
  ],
  [
    "events one by one, their data as JSON",
    events('{"n":1}', '{"n":2}'),
    events('{"n":1}', '{"n":3}'),
    ["changed-value body:/1/data/n"],
  ],
  ["an event that is missing", events("a", "b", "c"), events("a", "c"), ["array-length body"]],
  ["comments keep a stream open and say nothing", typed("text/event-stream", ": hi\n\ndata: 1\n\n"), events("1"), []],
  [
    "JSON lines as elements",
    jsonLines('{"a":1}\n{"a":2}\n'),
    jsonLines('{"a":1}\n{"a":3}'),
    ["changed-value body:/1/a"],
  ],
  ["text by lines", text("a\nb\nc\n"), text("a\nx\nc\n"), ["changed-text body:/2"]],
  ["a line put in", text("a\nb\nc\n"), text("a\nx\nb\nc\n"), ["added-text body:/2"]],
  ["a line taken out", text("a\nb\nc\n"), text("a\nc\n"), ["missing-text body:/2"]],
  ["a line feed at the very end", text("a\nb"), text("a\nb\n"), ["changed-text body"]],
  [
    "WebSocket messages one by one, however they are cut into frames",
    webSocket(textFrame('{"n":1}'), textFrame("hello")),
    webSocket(
      { opcode: webSocketOpcodes.text, payload: Buffer.from('{"n"'), fin: false },
      {
        opcode: webSocketOpcodes.continuation,
        payload: Buffer.from(":1}"),
      },
      textFrame("hallo"),
    ),
    ["changed-value body:/1/text"],
  ],
  [
    "pings say nothing, a close does",
    webSocket(textFrame("a"), { opcode: webSocketOpcodes.close, payload: Buffer.of(3, 232) }),
    webSocket({ opcode: webSocketOpcodes.ping, payload: Buffer.of(1) }, textFrame("a"), {
      opcode: webSocketOpcodes.close,
      payload: Buffer.of(3, 243),
    }),
    ["changed-value body:/1/close"],
  ],
  [
    "gRPC without a schema by field number, in any order of fields",
    grpc(Buffer.from("0801120361626318051805", "hex")),
    grpc(Buffer.from("1203616264180518050801", "hex")),
    ["changed-value body:/0/2"],
  ],
  [
    "the order within a repeated field is kept",
    grpc(Buffer.from("08010802", "hex")),
    grpc(Buffer.from("08020801", "hex")),
    ["changed-order body:/0/1"],
  ],
  [
    "a fixed number is no varint of its value",
    grpc(Buffer.from("0805", "hex")),
    grpc(Buffer.from("0d05000000", "hex")),
    ["changed-type body:/0/1"],
  ],
];

for (const [title, expected, actual, wanted] of cases) {
  test(title, () => assert.deepEqual(places(expected, actual), wanted));
}

const swapped: Record<string, string> = { missing: "added", added: "missing" };
const mirrored = ({ kind, place }: Difference) =>
  `${kind.replace(/^(missing|added)/, (word) => swapped[word]!)} ${/^(missing|added)/.test(kind) ? "" : place}`;

test("no answer of any kind differs from itself, and turning the sides round turns the differences round", () => {
  for (const [title, one, other] of cases) {
    for (const answer of [one, other]) {
      assert.deepEqual(compareAnswers(answer, structuredClone(answer)), [], title);
    }
    const forward = compareAnswers(one, other).map(
      ({ kind, place }) => `${kind} ${/^(missing|added)/.test(kind) ? "" : place}`,
    );
    assert.deepEqual(compareAnswers(other, one).map(mirrored).sort(), forward.sort(), title);
  }
});

test("whatever bytes come under whatever type: no exception, none from itself, and never silent about other bytes of binary", () => {
  const types = [
    "application/json",
    "text/plain",
    "application/grpc",
    "multipart/mixed; boundary=x",
    "text/event-stream",
    "application/x-www-form-urlencoded",
    "image/png",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      (type, one, other) => {
        const [left, right] = [typed(type, one), typed(type, other)];
        assert.deepEqual(compareAnswers(left, structuredClone(left)), []);
        const differs = compareAnswers(left, right).length > 0;
        assert.equal(compareAnswers(right, left).length > 0, differs);
        if (type === "image/png") assert.equal(differs, Buffer.compare(one, other) !== 0);
      },
    ),
    { numRuns: 500 },
  );
});

test("every content coding is undone before comparing", () => {
  const body = JSON.stringify({ a: 1, b: "x".repeat(100) });
  const changed = JSON.stringify({ a: 2, b: "x".repeat(100) });
  for (const [coding, encode] of [
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const) {
    const coded = (text: string) => typed("application/json", encode(text), [["content-encoding", coding]]);
    assert.deepEqual(places(coded(body), coded(changed)), ["changed-value body:/a"], coding);
  }
});

test("a damaged coding on one side is another format; a gzip that ends early is never silently equal", () => {
  const whole = gzipSync(JSON.stringify({ a: 1 }));
  const gzip = (bytes: Uint8Array) => typed("application/json", bytes, [["content-encoding", "gzip"]]);
  assert.deepEqual(places(gzip(whole), gzip(whole.subarray(0, whole.length - 6))), ["body-format body"]);
});

test("a compression bomb is not unpacked, and is not equal to a harmless body", () => {
  const bomb = gzipSync(Buffer.alloc(80 * 2 ** 20));
  const gzip = (bytes: Uint8Array) => typed("application/json", bytes, [["content-encoding", "gzip"]]);
  assert.deepEqual(places(gzip(bomb), gzip(gzipSync("{}"))), ["body-format body"]);
});

test("of bodies that were cut, what was kept is compared as far as it goes", () => {
  const cut = (content: string) =>
    responseOf("", {
      fields: [["content-type", "text/plain"]],
      body: { kind: "cut", bytes: Buffer.from(content), fullBytes: 1_000, hash: content },
    });
  assert.deepEqual(places(cut("a\nb\nc"), cut("a\nx\nc")), ["changed-bytes body", "changed-text body:/2"]);
  assert.deepEqual(places(cut("a\nb"), cut("a\nb\nc")), ["changed-bytes body"]);
});

test("200,000 members and values of 10 MB are compared", () => {
  const members = (change: number) =>
    JSON.stringify(
      Object.fromEntries(
        Array.from({ length: 200_000 }, (_, at) => [`k${(at * 7919) % 200_003}`, at === 5 ? change : at]),
      ),
    );
  assert.deepEqual(places(typed("application/json", members(1)), typed("application/json", members(2))), [
    "changed-value body:/k39595",
  ]);
  const large = (last: string) => typed("application/json", JSON.stringify({ a: "x".repeat(10 * 2 ** 20) + last }));
  assert.deepEqual(places(large("1"), large("2")), ["changed-value body:/a"]);
});
