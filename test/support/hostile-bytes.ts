import { dataFrame, endHeaders, endStream, fields, frame, head, headersFrame, preface } from "./http2-frames.js";

/**
 * What a peer may send that means harm, or is broken: conversations that would be fine, damaged in a few places. Drawn
 * from a number alone, so that an input that did harm can be made again.
 */
export function hostileBytes(number: number): Buffer {
  const random = randomFrom(number);
  let bytes = pick(random, conversations);
  const damages = Math.floor(random() * 4);
  for (let count = 0; count < damages; count++) bytes = pick(random, ways)(bytes, random);
  return bytes;
}

type Random = () => number;

/** Mulberry32: small, even enough, and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = (seed * 0x9e3779b1) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

type Damage = (bytes: Buffer, random: Random) => Buffer;

const tokens = [
  ...[
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    ":",
    ",",
    "%",
    "chunked",
    "close",
    "0x",
    "-1",
    "ffffffffffffffff",
    "\r\n\r\n",
  ],
  ...["transfer-encoding: chunked\r\n", "content-length: 18446744073709551616\r\n", "expect: 100-continue\r\n"],
  ...["upgrade: websocket\r\nconnection: upgrade\r\n", "connection: upgrade, http2-settings\r\nupgrade: h2c\r\n"],
  ...["host: \r\n", "content-encoding: gzip\r\n", "traceparent: 00-\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
].map((text) => Buffer.from(text, "latin1"));

const ways: readonly Damage[] = [
  flipBit,
  (bytes, random) => cut(bytes, at(bytes, random), at(bytes, random), Buffer.alloc(0)),
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => insert(bytes, at(bytes, random), pick(random, tokens)),
  (bytes, random) => insert(bytes, at(bytes, random), noise(random, 1 + Math.floor(random() * 16))),
  (bytes, random) => insert(bytes, at(bytes, random), Buffer.alloc(Math.floor(random() * 70_000), 0x61)),
  (bytes, random) => insert(bytes, at(bytes, random), pick(random, conversations)),
  (bytes) => Buffer.concat([bytes, bytes]),
];

function flipBit(bytes: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(bytes);
  if (flipped.length > 0) flipped[at(flipped, random)]! ^= 1 << Math.floor(random() * 8);
  return flipped;
}

function at(bytes: Buffer, random: Random): number {
  return Math.floor(random() * bytes.length);
}

function insert(bytes: Buffer, where: number, what: Buffer): Buffer {
  return cut(bytes, where, where, what);
}

function cut(bytes: Buffer, one: number, other: number, instead: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, Math.min(one, other)), instead, bytes.subarray(Math.max(one, other))]);
}

function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

function http1(text: string): Buffer {
  return Buffer.from(text.replaceAll("\n", "\r\n"), "latin1");
}

const settings = frame(4, 0, 0);
const grpcMessage = Buffer.from([0, 0, 0, 0, 3, 8, 1, 7]);
const chunks = "5\nhello\n3;ext=1\nyou\n0\nx-trailer: 1\n\n";

/** Each would be answered if it came as it is. */
const conversations: readonly Buffer[] = [
  http1("GET /a?token=secret HTTP/1.1\nhost: a\nx-request-id: 6db69b60-1f03-4c1e-885b-5cab4cc22fc5\n\n"),
  http1('POST /b HTTP/1.1\nhost: a\ncontent-type: application/json\ncontent-length: 18\n\n{"password":"abc"}'),
  http1(`POST /c HTTP/1.1\nhost: a\ntransfer-encoding: chunked\n\n${chunks}`),
  http1("PUT /d HTTP/1.1\nhost: a\nexpect: 100-continue\ncontent-length: 2\n\nok"),
  http1("HEAD http://a/e HTTP/1.1\nhost: a\ncookie: a=1; b=2\n\nOPTIONS * HTTP/1.1\nhost: a\n\n"),
  http1("GET /f HTTP/1.0\nconnection: keep-alive\n\n"),
  http1("CONNECT a:443 HTTP/1.1\nhost: a:443\n\nbytes of a tunnel"),
  Buffer.concat([
    http1(
      "GET /ws HTTP/1.1\nhost: a\nupgrade: websocket\nconnection: Upgrade\nsec-websocket-version: 13\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\n\n",
    ),
    Buffer.from([0x81, 0x85, 1, 2, 3, 4, 0x69, 0x67, 0x6f, 0x68, 0x6e, 0x89, 0x80, 1, 2, 3, 4, 0x88, 0x80, 1, 2, 3, 4]),
  ]),
  Buffer.concat([
    http1("POST /g HTTP/1.1\nhost: a\ncontent-type: application/grpc\ncontent-length: 8\n\n"),
    grpcMessage,
  ]),
  Buffer.concat([preface, settings, frame(headersFrame, endHeaders | endStream, 1, head("GET", "/h"))]),
  Buffer.concat([
    preface,
    settings,
    frame(headersFrame, endHeaders, 1, head("POST", "/x.Y/Z", { "content-type": "application/grpc", te: "trailers" })),
    frame(dataFrame, endStream, 1, grpcMessage),
    frame(headersFrame, endHeaders | endStream, 3, head("GET", "/i", { cookie: "s=1" })),
    frame(6, 0, 0, Buffer.alloc(8)),
  ]),
  Buffer.concat([
    preface,
    settings,
    frame(headersFrame, endHeaders, 1, head("POST", "/j", { "content-length": "4" })),
    frame(dataFrame, 0, 1, Buffer.from("half")),
    frame(headersFrame, endHeaders | endStream, 1, fields({ "x-trailer": "1" })),
    frame(8, 0, 0, Buffer.from([0, 0, 0, 9])),
    frame(3, 0, 1, Buffer.from([0, 0, 0, 8])),
  ]),
];
