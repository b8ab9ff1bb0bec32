import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  deframeGrpc,
  EventSpans,
  frameGrpc,
  GrpcSpans,
  grpcPrefixBytes,
  type Span,
  type SpanFinder,
} from "../../message/index.js";

function eventsOf(body: Uint8Array, cuts: readonly number[] = []): string[] {
  return spansOf(new EventSpans(), body, cuts).map(({ offset, length }) =>
    Buffer.from(body.subarray(offset, offset + length)).toString("latin1"),
  );
}

test("an event is its lines with the blank line that ends them", () => {
  assert.deepEqual(eventsOf(Buffer.from("id: 1\ndata: a\n\ndata: b\n\n")), ["id: 1\ndata: a\n\n", "data: b\n\n"]);
});

test("comments that keep the connection open, blank lines and a byte order mark are no events", () => {
  assert.deepEqual(eventsOf(Buffer.from("\uFEFF: ping\n\n\n\n:\n\ndata: a\n\n: ping\n\n")), ["data: a\n\n"]);
});

test("an event that no blank line ended is none", () => {
  assert.deepEqual(eventsOf(Buffer.from("data: a\n\ndata: b\n")), ["data: a\n\n"]);
});

test("lines end with LF, CR or CR LF, and pieces may be cut anywhere", () => {
  const line = fc.constantFrom("data: x", "data:y", "event: z", "id");
  const events = fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { maxLength: 5 });
  fc.assert(
    fc.property(events, fc.constantFrom("\n", "\r", "\r\n"), fc.array(fc.nat()), (lines, lineEnd, cuts) => {
      const body = lines.map((event) => `${event.join(lineEnd)}${lineEnd}${lineEnd}`).join("");
      const expected = lines.map((event) => `${event.join(lineEnd)}${lineEnd}${lineEnd.slice(0, 1)}`);
      assert.deepEqual(eventsOf(Buffer.from(body), cuts), expected);
    }),
  );
});

/** Gives the body to the finder in pieces that end at the cuts. */
function spansOf(finder: SpanFinder, body: Uint8Array, cuts: readonly number[]): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (body.length + 1)).toSorted((a, b) => a - b), body.length]) {
    spans.push(...finder.push(body.subarray(from, cut)));
    from = cut;
  }
  return spans;
}

test("the messages of a body that comes in any pieces are those of the whole body", () => {
  const messages = fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()));
  fc.assert(
    fc.property(messages, fc.array(fc.nat()), fc.nat(7), (framed, cuts, missing) => {
      const whole = Buffer.concat(framed.map(([bytes, compressed]) => frameGrpc(bytes, compressed)));
      const body = whole.subarray(0, Math.max(0, whole.length - missing));
      const expected = deframeGrpc(body).messages.map(({ offset, bytes }) => ({
        offset,
        length: grpcPrefixBytes + bytes.length,
      }));
      assert.deepEqual(spansOf(new GrpcSpans(), body, cuts), expected);
    }),
  );
});

test("gRPC-Web's trailers are a message of their own", () => {
  const trailers = Buffer.from([0x80, 0, 0, 0, 2, 0x61, 0x62]);
  const body = Buffer.concat([frameGrpc(Buffer.from("m")), trailers]);
  assert.deepEqual(spansOf(new GrpcSpans(), body, [1, 9]), [
    { offset: 0, length: 6 },
    { offset: 6, length: 7 },
  ]);
});

test("in bytes that are no gRPC nothing is found, and nothing of what follows", () => {
  assert.deepEqual(
    spansOf(new GrpcSpans(), Buffer.concat([Buffer.from("<html>"), frameGrpc(Buffer.from("m"))]), [2]),
    [],
  );
});
