import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeWebSocketFrame, WebSocketParser, type WebSocketPart, webSocketAccept } from "../../message/index.js";

/** All that a parser finds in these pieces. */
function parse(pieces: Iterable<Uint8Array>): WebSocketPart[] {
  const parser = new WebSocketParser();
  return [...pieces].flatMap((piece) => [...parser.push(piece)]);
}

/** Frames as opcode, fin and payload in hex. */
function frames(parts: readonly WebSocketPart[]): string[] {
  const found: string[] = [];
  for (const part of parts) {
    if (part.kind === "head") found.push(`${part.head.opcode} ${part.head.fin} ${part.head.compressed} `);
    if (part.kind === "payload") found[found.length - 1] += Buffer.from(part.bytes).toString("hex");
    if (part.kind === "end") found[found.length - 1] += ".";
    if (part.kind === "violation") found.push(part.reason);
  }
  return found;
}

function cutIn(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

test("the examples of RFC 6455, section 5.7, are read", () => {
  const masked = Buffer.from("818537fa213d7f9f4d5158", "hex");
  const fragments = Buffer.from("010348656c80026c6f", "hex");
  const pinged = Buffer.from("890548656c6c6f", "hex");
  assert.deepEqual(frames(parse([masked])), ["1 true false 48656c6c6f."]);
  assert.deepEqual(frames(parse([fragments])), ["1 false false 48656c.", "0 true false 6c6f."]);
  assert.deepEqual(frames(parse([pinged])), ["9 true false 48656c6c6f."]);
});

test("the accept key of RFC 6455, section 1.3, is made", () => {
  assert.equal(webSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("what is encoded is read again, in pieces of any size, masked or not", () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom(125, 126, 65_535, 65_536).map((length) => new Uint8Array(length).fill(length & 0xff)),
  );
  const mask = fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined });
  const message = fc.record({ opcode: fc.constantFrom(1, 2), payload, compressed: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.tuple(message, mask), { maxLength: 5 }), fc.integer({ min: 1, max: 300 }), (sent, size) => {
      const bytes = Buffer.concat(sent.map(([frame, key]) => encodeWebSocketFrame(frame, key)));
      const wanted = sent.map(([f]) => `${f.opcode} true ${f.compressed} ${Buffer.from(f.payload).toString("hex")}.`);
      assert.deepEqual(frames(parse(cutIn(bytes, size))), wanted);
    }),
    { numRuns: 200 },
  );
});

test("what is read does not depend on where the bytes are cut, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (bytes, size) => {
      assert.deepEqual(frames(parse(cutIn(Buffer.from(bytes), size))), frames(parse([bytes])));
    }),
    { numRuns: 2000 },
  );
});

test("the bytes that came are left as they are", () => {
  const bytes = Buffer.from("818537fa213d7f9f4d5158", "hex");
  parse([bytes]);
  assert.equal(bytes.toString("hex"), "818537fa213d7f9f4d5158");
});

for (const [what, hex] of [
  ["reserved bits are set", "b100"],
  ["unknown opcode 3", "8300"],
  ["unknown opcode 11", "8b00"],
  ["a control frame in fragments, or longer than 125 bytes", "0900"],
  ["a control frame in fragments, or longer than 125 bytes", "897e007e"],
  ["a continuation of nothing", "8000"],
  ["a message inside another", "01008100"],
  ["a payload longer than 2^53 bytes", "827fffffffffffffffff"],
] as const) {
  test(`${hex} is refused: ${what}`, () => {
    assert.equal(frames(parse([Buffer.from(`${hex}8100`, "hex")])).at(-1), what);
  });
}
