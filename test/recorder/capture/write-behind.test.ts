import assert from "node:assert/strict";
import { test } from "node:test";
import { type AppendReceipt, type EncodedBatch, type LedgerCounts, TapeError } from "../../../tape/index.js";
import { askHttp1, askHttp2, load } from "../../support/clients.js";
import { CollectingWriter } from "../../support/collecting-writer.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder, startTestRecorderOn } from "../../support/start-recorder.js";
import { until } from "../../support/until.js";

/** A store that does not answer until it is let go. */
class StuckWriter extends CollectingWriter {
  #release: () => void = () => {};
  readonly #stuck = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  release(): void {
    this.#release();
  }

  override async append(batch: EncodedBatch): Promise<AppendReceipt> {
    await this.#stuck;
    return await super.append(batch);
  }

  override async count(atNs: bigint, counts: Partial<LedgerCounts>): Promise<void> {
    await this.#stuck;
    await super.count(atNs, counts);
  }
}

/** A store that refuses while it is told to. */
class FailingWriter extends CollectingWriter {
  isFailing = true;
  refused = 0;

  override async append(batch: EncodedBatch): Promise<AppendReceipt> {
    if (!this.isFailing) return await super.append(batch);
    this.refused++;
    throw new TapeError("the disk is full");
  }

  override async count(atNs: bigint, counts: Partial<LedgerCounts>): Promise<void> {
    if (this.isFailing) throw new TapeError("the disk is full");
    await super.count(atNs, counts);
  }
}

function settled({ kept, dropped, sampledOut }: LedgerCounts): number {
  return kept + dropped + sampledOut;
}

test("with a store that never answers every call is answered, and what does not fit is dropped and counted", async (t) => {
  const writer = new StuckWriter();
  const recorder = await startTestRecorderOn(t, writer, { queueBytes: 2 ** 20, admin: "127.0.0.1:0" });
  const { answered, other } = await load(recorder.port, {
    count: 3000,
    connections: 16,
    path: (call) => `/${call}?${"q".repeat(1000)}`,
  });
  assert.deepEqual([answered, other], [3000, {}]);
  const metrics = await (await fetch(`http://${recorder.admin}/metrics`)).text();
  const metric = (name: string) => Number(new RegExp(`^tapeloop_recorder_${name} (\\d+)$`, "m").exec(metrics)![1]);
  assert.ok(metric("queue_bytes") <= 2 ** 20);
  assert.ok(metric("dropped_total") > 1000);
  writer.release();
  await recorder.stop();
  const { counted } = writer;
  assert.equal(counted.seen, 3000);
  assert.equal(settled(counted), 3000);
  assert.equal(writer.calls.length, counted.kept);
  assert.ok(counted.kept > 100);
});

test("a body that does not fit drops its own call whole, and lets go of what it held", async (t) => {
  const recorder = await startTestRecorder(t, { queueBytes: 2 ** 20, maxBodyBytes: 100_000_000 });
  const big = await askHttp2(recorder.port, { method: "POST", path: "/big", body: [Buffer.alloc(5_000_000)] });
  const small = await askHttp1(recorder.port, { method: "POST", path: "/small", body: ["small"] });
  assert.deepEqual([big.status, small.status], [200, 200]);
  assert.equal((await recorder.writer.onlyCall()).request.path, "/small");
  await recorder.stop();
  assert.deepEqual(
    [recorder.writer.counted.seen, recorder.writer.counted.dropped, recorder.writer.counted.kept],
    [2, 1, 1],
  );
});

test("what a store refuses is counted as dropped, and recording goes on when it is back", async (t) => {
  const writer = new FailingWriter();
  const recorder = await startTestRecorderOn(t, writer, { admin: "127.0.0.1:0" });
  const ready = async () => (await fetch(`http://${recorder.admin}/readyz`)).status;
  assert.equal(await ready(), 200);
  assert.equal((await askHttp1(recorder.port, { method: "GET", path: "/lost" })).status, 200);
  await until("a refusal", () => writer.refused > 0);
  await until("not to be ready", async () => (await ready()) === 503);
  writer.isFailing = false;
  assert.equal((await askHttp1(recorder.port, { method: "GET", path: "/kept" })).status, 200);
  assert.equal((await writer.onlyCall()).request.path, "/kept");
  await until("to be ready again", async () => (await ready()) === 200);
  await recorder.stop();
  const { seen, kept, dropped, storeErrors } = writer.counted;
  assert.deepEqual({ seen, kept, dropped, storeErrors }, { seen: 2, kept: 1, dropped: 1, storeErrors: 1 });
});

test("a store that is back is found out without a call, and a recorder in a service's way stays ready all the time", async (t) => {
  const writer = new FailingWriter();
  const mirror = await startTestRecorderOn(t, writer, { admin: "127.0.0.1:0" });
  const inline = { mode: "inbound", upstream: `http://${mirror.listen}`, admin: "127.0.0.1:0" } as const;
  const inbound = await startTestRecorderOn(t, new FailingWriter(), inline);
  const readiness = async (admin: string | undefined) => {
    const answer = await fetch(`http://${admin}/readyz`);
    return `${answer.status} ${await answer.text()}`;
  };
  assert.equal((await askHttp1(inbound.port, { method: "GET", path: "/lost" })).status, 200);
  await until("both to fail", async () => {
    return (await readiness(mirror.admin)) + (await readiness(inbound.admin)) === failing;
  });
  writer.isFailing = false;
  await until("to be ready again", async () => (await readiness(mirror.admin)) === "200 ready\n");
});

const failing = "503 the tape takes nothing\n200 ready, but the tape takes nothing\n";

test("a call that stays open has its request stored while it is open, and its end later", async (t) => {
  const recorder = await startTestRecorder(t);
  const client = new RawClient(t, recorder.port).send(
    "POST /long HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nfirst",
  );
  await until("a request part", () => recorder.writer.parts.length === 1);
  const [part] = recorder.writer.parts;
  assert.deepEqual([part!.part, part!.request.end, part!.request.body.fullBytes], ["request", "open", 5]);
  client.send("last");
  await client.until("200 OK");
  const { part: kind, request, sequence } = await recorder.writer.onlyCall();
  assert.deepEqual([kind, request.end, request.body.fullBytes, sequence], ["answer", "complete", 9, part!.sequence]);
  await recorder.stop();
  assert.deepEqual([recorder.writer.counted.seen, recorder.writer.counted.kept], [1, 1]);
});

test("a call whose request part was refused is stored whole at its end", async (t) => {
  const writer = new FailingWriter();
  const recorder = await startTestRecorderOn(t, writer);
  const client = new RawClient(t, recorder.port).send(
    "POST /long HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nfirst",
  );
  await until("a refusal", () => writer.refused > 0);
  writer.isFailing = false;
  client.send("last");
  await client.until("200 OK");
  const calls = await writer.untilCalls(1);
  await recorder.stop();
  assert.equal(calls[0]!.request.body.fullBytes, 9);
  assert.deepEqual([writer.counted.seen, settled(writer.counted), writer.counted.dropped], [1, 1, 0]);
});

test("at rest no memory is held", async (t) => {
  const recorder = await startTestRecorder(t, { admin: "127.0.0.1:0", queueBytes: 2 ** 20 });
  await load(recorder.port, { count: 2000, connections: 4 });
  await recorder.writer.untilCalls(2000);
  const metrics = async () => (await fetch(`http://${recorder.admin}/metrics`)).text();
  await until("an empty queue", async () => (await metrics()).includes("\ntapeloop_recorder_queue_bytes 0\n"), {
    seen: metrics,
  });
  assert.equal(recorder.writer.calls.length, 2000);
});

test("the ledger hears of a recorder each second, though nothing happens", async (t) => {
  const beats: bigint[] = [];
  const writer = new CollectingWriter();
  const count = writer.count.bind(writer);
  writer.count = async (atNs, counts) => {
    beats.push(atNs);
    await count(atNs, counts);
  };
  await startTestRecorderOn(t, writer);
  await until("two signs of life", () => beats.length >= 2);
  assert.ok(beats[1]! > beats[0]!);
});
