import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { answerEnds, failureReasons, frameDirections, frameKinds, requestEnds } from "../../tape/codes.js";
import { BatchEncoder, type CapturedPart, decodeBatch, protocols, vantages } from "../../tape/index.js";
import { callPart, capturedRequest, capturedResponse } from "../support/captured.js";

/** Text as HTTP has it: latin1 without NUL. */
const text = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes));
const fields = fc.array(fc.tuple(text, text), { maxLength: 5 }).map((pairs) => pairs.flat());
const bytes = fc.uint8Array({ maxLength: 300 });
const ms = fc.double({ noNaN: true, min: -1e9, max: 1e12 });
const body = fc.record(
  {
    pieces: fc.array(bytes, { maxLength: 3 }),
    fullBytes: fc.maxSafeNat(),
    hash: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  },
  { requiredKeys: ["pieces", "fullBytes"] },
);
const request = fc.record(
  {
    method: text,
    scheme: text,
    authority: text,
    path: text,
    protocol: fc.constantFrom(...protocols),
    headers: fields,
    rawHeaders: fields,
    trailers: fields,
    body,
    end: fc.constantFrom(...requestEnds),
    startedMs: ms,
    endedMs: ms,
  },
  { requiredKeys: ["method", "scheme", "authority", "path", "protocol", "headers", "body", "end", "startedMs"] },
);
const response = fc.record(
  {
    kind: fc.constant("response" as const),
    status: fc.integer({ min: 100, max: 999 }),
    headers: fields,
    trailers: fields,
    body,
    end: fc.constantFrom(...answerEnds),
    startedMs: ms,
    endedMs: ms,
  },
  { requiredKeys: ["kind", "status", "headers", "body", "end", "startedMs"] },
);
const failure = fc.record({
  kind: fc.constant("failure" as const),
  reason: fc.constantFrom(...failureReasons),
  endedMs: ms,
});
const answer = fc.oneof(response, failure, fc.constant({ kind: "unknown" as const }));
const frame = fc.record({
  direction: fc.constantFrom(...frameDirections),
  kind: fc.constantFrom(...frameKinds),
  atMs: ms,
  offset: fc.maxSafeNat(),
  length: fc.maxSafeNat(),
});
const proxy = fc.record(
  {
    answeredBy: fc.constantFrom("service" as const, "proxy" as const),
    flags: fc.array(fc.constantFrom("UF", "DC"), { maxLength: 2 }),
    details: text,
    route: text,
    upstream: text,
    attempts: fc.nat(),
  },
  { requiredKeys: [] },
);
const identity = {
  beside: fc.record({ caller: text, traceparent: text, proxy }, { requiredKeys: [] }),
  sequence: fc.maxSafeNat(),
  vantage: fc.constantFrom(...vantages),
  connection: text,
  client: text,
  request,
};
const part = fc.oneof(
  fc.record(
    { ...identity, part: fc.constant("request" as const) },
    { requiredKeys: ["part", "sequence", "vantage", "request"] },
  ),
  fc.record(
    {
      ...identity,
      part: fc.constantFrom("call" as const, "answer" as const),
      answer,
      frames: fc.array(frame, { maxLength: 4 }),
    },
    { requiredKeys: ["part", "sequence", "vantage", "request", "answer"] },
  ),
  fc.record(
    {
      part: fc.constant("status" as const),
      sequence: fc.maxSafeNat(),
      vantage: fc.constantFrom(...vantages),
      answer: fc.oneof(
        fc.record({ kind: fc.constant("status-only" as const), status: fc.integer({ min: 0, max: 999 }) }),
        fc.record({ kind: fc.constant("failure" as const), reason: fc.constantFrom(...failureReasons) }),
      ),
      startedAfterMs: ms,
      endedAfterMs: ms,
      proxy,
    },
    { requiredKeys: ["part", "sequence", "vantage", "answer"] },
  ),
) as fc.Arbitrary<CapturedPart>;

/** As plain text, so that only values count; pieces of a body are put together on the way. */
function comparable(captured: CapturedPart): string {
  return JSON.stringify(captured, (name, value: unknown) => {
    if (name === "pieces") return Buffer.concat(value as Uint8Array[]).toString("hex");
    if (name === "hash") return Buffer.from(value as Uint8Array).toString("hex");
    return Object.is(value, -0) ? "-0" : inNameOrder(value);
  });
}

function inNameOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test("what was encoded comes out of the batch as it went in", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.integer({ min: 0, max: 4000 }), (parts, capacityBytes) => {
      const encoder = new BatchEncoder(capacityBytes);
      const batches = [];
      for (const one of parts) {
        if (encoder.add(one)) continue;
        batches.push(encoder.take());
        assert.ok(encoder.add(one), "there is room for any part in an empty batch");
      }
      batches.push(encoder.take());
      assert.equal(
        batches.reduce((sum, batch) => sum + batch.parts, 0),
        parts.length,
      );
      assert.deepEqual(
        batches.flatMap((batch) => [...decodeBatch(batch)].map(comparable)),
        parts.map(comparable),
      );
    }),
  );
});

test("a full batch takes no more, and is not larger than its capacity", () => {
  const encoder = new BatchEncoder(1000);
  let parts = 0;
  while (encoder.add(callPart(parts))) parts++;
  assert.ok(parts > 1);
  assert.equal(encoder.parts, parts);
  const { buffer, usedBytes } = encoder.take();
  assert.ok(usedBytes <= 1000 && usedBytes > 500, `${usedBytes} bytes`);
  assert.equal(buffer.byteLength, 1000);
  assert.deepEqual([encoder.usedBytes, encoder.parts], [0, 0]);
});

test("a part larger than the capacity goes alone, into a buffer of its own size", () => {
  const encoder = new BatchEncoder(1000);
  const large = callPart(1, { answer: capturedResponse("x".repeat(5000)) });
  encoder.add(callPart(0));
  assert.equal(encoder.add(large), false);
  encoder.take();
  assert.ok(encoder.add(large));
  assert.equal(encoder.add(callPart(2)), false);
  const batch = encoder.take();
  assert.equal(batch.usedBytes, batch.buffer.byteLength);
  assert.equal([...decodeBatch(batch)].length, 1);
});

test("a buffer given back is used again", () => {
  const encoder = new BatchEncoder(4000);
  encoder.add(callPart(1));
  const { buffer } = encoder.take();
  encoder.reuse(buffer);
  encoder.add(callPart(2));
  const again = encoder.take();
  assert.equal(again.buffer, buffer);
  assert.deepEqual(
    [...decodeBatch(again)].map(({ sequence }) => sequence),
    [2],
  );
});

test("text beyond latin1, which HTTP does not have, becomes question marks and cannot end a text", () => {
  const encoder = new BatchEncoder(4000);
  encoder.add(callPart(1, { request: capturedRequest({ path: "/\u0100x", headers: ["a", "\u20acb"] }) }));
  const [decoded] = decodeBatch(encoder.take());
  assert.ok(decoded?.part === "call");
  assert.equal(decoded.request.path, "/?x");
  assert.deepEqual(decoded.request.headers, ["a", "?b"]);
});

test("a batch that was damaged on the way is not read as something else", () => {
  const encoder = new BatchEncoder(4000);
  encoder.add(callPart(1));
  const batch = encoder.take();
  new DataView(batch.buffer).setUint32(16, 7, true);
  assert.throws(() => [...decodeBatch(batch)], RangeError);
});
