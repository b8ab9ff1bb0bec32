import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import { frameGrpc } from "../../message/index.js";
import { GrpcMessages } from "../../recorder/grpc/messages.js";
import { WireReader } from "../../recorder/grpc/wire-reader.js";
import { RawClient } from "../support/raw-client.js";
import { startTestRecorder } from "../support/start-recorder.js";
import { says, TellingClient } from "../support/telling-client.js";

test("messages come out of a stream as they went in, in whatever pieces it comes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
      (messages, sizes) => {
        const stream = Buffer.concat(messages.map((message) => frameGrpc(message)));
        const taken: string[] = [];
        const reader = new GrpcMessages(40, (message) => taken.push(Buffer.from(message).toString("hex")));
        for (let at = 0, piece = 0; at < stream.length; piece++) {
          const size = sizes[piece % sizes.length]!;
          reader.push(stream.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(
          taken,
          messages.map((message) => Buffer.from(message).toString("hex")),
        );
        assert.equal(reader.heldBytes, 0);
      },
    ),
  );
});

test("a message above the bound, and a compressed one, are refused before their bytes are held", () => {
  const reader = () => new GrpcMessages(10, () => assert.fail("nothing is taken"));
  assert.throws(() => reader().push(Buffer.from([0, 0, 0, 0, 11])), RangeError);
  assert.throws(() => reader().push(Buffer.from([1, 0, 0, 0, 1, 7])), RangeError);
});

test("numbers up to 2^53 are read as protobufjs writes them, and negative ones are not 0", () => {
  const written = (number: number) => protobuf.Writer.create().int64(number).finish();
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      assert.equal(new WireReader(written(number)).varint(), number);
    }),
  );
  assert.notEqual(new WireReader(written(-1)).varint(), 0);
});

test("what runs past its end is refused, also past the end of the message it is in", () => {
  const inner = Buffer.from([0x0a, 0x02, 0x0a, 0x05, 1, 2, 3, 4, 5]);
  const reader = new WireReader(inner);
  assert.equal(reader.varint(), 10);
  const outer = reader.enter();
  assert.equal(reader.varint(), 10);
  assert.throws(() => reader.text(), RangeError);
  reader.leave(outer);
  assert.throws(() => new WireReader(Buffer.from([0x80])).varint(), RangeError);
  assert.throws(() => new WireReader(Buffer.from([1, 2])).double(), RangeError);
  assert.throws(() => new WireReader(Buffer.from([5])).enter(), RangeError);
  assert.throws(() => new WireReader(Buffer.from([])).skip(3), RangeError);
});

test("a client that speaks HTTP/1 is told what the port takes, and counted", async (t) => {
  const { port, writer, stop } = await startTestRecorder(t, { mode: "ext-proc" });
  await new RawClient(t, port).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").until("426 Upgrade Required");
  await stop();
  assert.deepEqual([writer.counted.unparsable, writer.counted.seen], [1, 0]);
});

test("a recorder that stops lets calls end that are being told, and does not wait for streams that are over", async (t) => {
  const { port, writer, stop } = await startTestRecorder(t, { mode: "ext-proc", drainMs: 20_000 });
  const envoy = new TellingClient(t, port);
  const head = says.requestHeaders([[":method", "GET"]], true);
  const status = says.responseHeaders([[":status", "204"]], true);
  envoy.processor().tell([head, status]);
  const open = envoy.processor().tell([head]);
  await writer.untilCalls(1);
  const startedMs = performance.now();
  const stopped = stop();
  open.tell([status]);
  await stopped;
  assert.ok(performance.now() - startedMs < 10_000, "both streams are still open");
  assert.deepEqual(
    writer.calls.map(({ answer }) => answer.kind === "response" && answer.end),
    ["complete", "complete"],
  );
});
