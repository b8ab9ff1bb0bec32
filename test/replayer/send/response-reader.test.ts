import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HeaderList } from "../../../message/index.js";
import { BadResponse } from "../../../replayer/send/response-head.js";
import { ResponseReader } from "../../../replayer/send/response-reader.js";

interface Seen {
  status?: number;
  headers?: HeaderList;
  body: string;
  trailers?: HeaderList;
}

/** Reads a response that comes in these pieces; `ended`: the connection is closed after them. */
function read(pieces: readonly string[], { toHead = false, ended = false, reader = new ResponseReader() } = {}): Seen {
  const seen: Seen = { body: "" };
  reader.expect(
    {
      head: (status, headers) => Object.assign(seen, { status, headers }),
      piece: (bytes) => {
        seen.body += bytes.toString("latin1");
      },
      complete: (trailers) => {
        seen.trailers = trailers;
      },
    },
    toHead,
  );
  // One buffer for all that is read, as a connection has.
  const shared = Buffer.alloc(1 << 16);
  for (const piece of pieces) reader.push(shared.subarray(0, shared.write(piece, "latin1")));
  if (ended) reader.end();
  return seen;
}

/** A text cut at these places. */
function cutAt(text: string, places: readonly number[]): string[] {
  const bounds = [0, ...places.map((place) => place % text.length).toSorted((a, b) => a - b), text.length];
  return bounds.slice(1).map((end, at) => text.slice(bounds[at], end));
}

const field = fc.tuple(
  fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,10}$/),
  fc.stringMatching(/^([!-~]([ -~]{0,10}[!-~])?)?$/),
);
const isOurs = ([name]: [string, string]) => /^(content-length|transfer-encoding|connection|keep-alive)$/i.test(name);
const fields = fc.array(
  field.filter((one) => !isOurs(one)),
  { maxLength: 4 },
);
const pieces = fc.array(
  fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom("a", "\r", "\n", "0", "\xff") }),
  {
    maxLength: 5,
  },
);
const framings = fc.constantFrom("length", "chunked", "close");

test("however a response is cut into pieces, its status, fields, body and trailers come out as they went in", () => {
  fc.assert(
    fc.property(
      ...[fields, fields, pieces, framings, fc.array(fc.nat(), { maxLength: 8 })],
      (headers, trailers, body, framing, cuts) => {
        const lines = (list: typeof headers) => list.map(([name, value]) => `${name}: ${value}\r\n`).join("");
        const whole = body.join("");
        const own: [string, string][] =
          framing === "length"
            ? [["Content-Length", String(whole.length)]]
            : framing === "chunked"
              ? [["Transfer-Encoding", "chunked"]]
              : [];
        const framed =
          framing === "chunked"
            ? `${body.map((piece) => `${piece.length.toString(16)};x=1\r\n${piece}\r\n`).join("")}0\r\n${lines(trailers)}\r\n`
            : whole;
        const text = `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 203 Fine\r\n${lines([...headers, ...own])}\r\n${framed}`;
        const seen = read(cutAt(text, cuts), { ended: framing === "close" });
        const expected = { status: 203, headers: [...headers, ...own], body: whole };
        assert.deepEqual(seen, { ...expected, trailers: framing === "chunked" ? trailers : [] });
      },
    ),
    { numRuns: 300 },
  );
});

test("what a connection remembers of one response never shows in the next", () => {
  const heads = [
    ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", "ab"],
    ["HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n", "abc"],
    ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\na: b\r\n\r\n", "ab"],
    ["HTTP/1.1 204 OK\r\n\r\n", ""],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "2\r\nab\r\n0\r\n\r\n"],
  ] as const;
  const response = fc.tuple(fc.constantFrom(...heads), fc.array(fc.nat(), { maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(response, { minLength: 2, maxLength: 8 }), (responses) => {
      const reader = new ResponseReader();
      for (const [[head, body], cuts] of responses) {
        const pieces = cutAt(head + body, cuts);
        assert.deepEqual(read(pieces, { reader }), read(pieces));
        assert.ok(reader.idle);
      }
    }),
  );
});

test("answers that have no body end with their head, whatever length they state", () => {
  const stated = "content-length: 5\r\n\r\n";
  assert.deepEqual(read([`HTTP/1.1 200 OK\r\n${stated}`], { toHead: true }).trailers, []);
  for (const status of [204, 304]) assert.deepEqual(read([`HTTP/1.1 ${status} X\r\n${stated}`]).trailers, []);
  assert.deepEqual(read(["HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n"]).trailers, []);
});

test("what two readers could read differently is refused", () => {
  const refused = {
    "no HTTP": "SMTP ready\r\n",
    "HTTP of another major version": "HTTP/2.0 200 OK\r\n\r\n",
    "a status of two digits": "HTTP/1.1 20 OK\r\n\r\n",
    "lines ended by a line feed alone": "HTTP/1.1 200 OK\na: b\r\n\r\n",
    "a folded field": "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n",
    "a space before the colon": "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
    "a field without a name": "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
    "a control character in a value": "HTTP/1.1 200 OK\r\na: b\x01\r\n\r\n",
    "a bare carriage return in a value": "HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n",
    "two lengths": "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na",
    "a list of lengths": "HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\na",
    "a signed length": "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\na",
    "length beside chunked": "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    "a change of protocol": "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n",
    "a chunk without size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n",
    "a chunk size in no hex": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x1\r\na\r\n",
    "a chunk longer than its size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
    "a chunk without its end": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r0\r\n\r\n",
    "a trailer that is no field": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx\r\n\r\n",
    "bytes after the end": "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab",
    "a head without end": `HTTP/1.1 200 OK\r\na: ${"b".repeat(60_000)}`.repeat(1),
  };
  for (const [name, text] of Object.entries(refused)) {
    const pieces = name === "a head without end" ? [text, ...Array(40).fill("b".repeat(60_000))] : [text];
    assert.throws(() => read(pieces), BadResponse, name);
  }
});

test("a connection says whether it may be used again, and for how long its server keeps it", () => {
  const headOf = (text: string) => {
    const reader = new ResponseReader();
    reader.expect({ head() {}, piece() {}, complete() {} }, false);
    reader.push(Buffer.from(`${text}\r\n`));
    const { persists, keptMs } = reader.lastHead!;
    return [persists, keptMs];
  };
  assert.deepEqual(headOf("HTTP/1.1 204 X\r\n"), [true, undefined]);
  assert.deepEqual(headOf("HTTP/1.1 204 X\r\nConnection: Close\r\n"), [false, undefined]);
  assert.deepEqual(headOf("HTTP/1.1 204 X\r\nConnection: keep-alive\r\nKeep-Alive: max=3, timeout=2\r\n"), [
    true,
    2000,
  ]);
  assert.deepEqual(headOf("HTTP/1.0 204 X\r\n"), [false, undefined]);
  assert.deepEqual(headOf("HTTP/1.0 204 X\r\nconnection: keep-alive\r\n"), [true, undefined]);
  assert.deepEqual(headOf("HTTP/1.1 200 X\r\n"), [false, undefined]);
});
