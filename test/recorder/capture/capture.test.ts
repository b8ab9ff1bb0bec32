import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { silentLog } from "../../../base/index.js";
import { Budget } from "../../../recorder/capture/budget.js";
import { Capture } from "../../../recorder/capture/capture.js";
import { Counts } from "../../../recorder/capture/counts.js";
import type { Recording } from "../../../recorder/capture/recording.js";
import { WriteBehind } from "../../../recorder/capture/write-behind.js";
import type { Keeper } from "../../../recorder/keep/keeper.js";
import { type AppendReceipt, decodeBatch, type EncodedBatch, TapeError } from "../../../tape/index.js";
import { callHead } from "../../support/call-head.js";
import { CollectingWriter } from "../../support/collecting-writer.js";
import { testKey } from "../../support/start-recorder.js";

/** What may happen to a recorder, and to which of the latest calls, from 0, the last. */
type Event =
  | { kind: "begin"; isMarked: boolean; begins: boolean; goesOn: boolean | undefined; ends: boolean }
  | { kind: "request-piece" | "answer-piece"; call: number; bytes: number }
  | { kind: "request-end" | "abort" | "answer-start" | "answer-end" | "fail" | "unanswered"; call: number }
  | { kind: "store-answers"; how: "takes" | "refuses" | "leaves-out" }
  | { kind: "second" | "turn" | "rate-is-reached" | "rate-is-free" };

const call = fc.nat({ max: 3 });
const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("begin" as const),
      isMarked: fc.boolean(),
      begins: fc.constantFrom(true, true, true, false),
      goesOn: fc.constantFrom(true, true, false, undefined),
      ends: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("request-piece" as const, "answer-piece" as const),
      call,
      bytes: fc.constantFrom(10, 20_000, 50_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom(...(["request-end", "answer-start"] as const)), call }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom(...(["abort", "answer-end", "fail", "unanswered"] as const)), call }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("store-answers" as const),
      how: fc.constantFrom("takes" as const, "refuses" as const, "leaves-out" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(...(["second", "second", "turn", "turn", "rate-is-reached", "rate-is-free"] as const)),
    }),
  },
);

/** A store that answers when it is told to, and as it is told. */
class ToldWriter extends CollectingWriter {
  readonly #waiting: {
    batch: EncodedBatch;
    resolve: (receipt: AppendReceipt) => void;
    reject: (why: Error) => void;
  }[] = [];
  keptCalls = 0;

  override append(batch: EncodedBatch): Promise<AppendReceipt> {
    return new Promise((resolve, reject) => this.#waiting.push({ batch, resolve, reject }));
  }

  /** What was appended longest ago. */
  answer(how: "takes" | "refuses" | "leaves-out"): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    if (how === "refuses") next.reject(new TapeError("the disk is full"));
    else next.resolve(this.#receiptFor(next.batch, how));
  }

  #receiptFor(batch: EncodedBatch, how: "takes" | "leaves-out"): AppendReceipt {
    const parts = [...decodeBatch(batch)];
    const news = parts.filter(({ part }) => part === "call" || part === "request").length;
    const calls = parts.filter(({ part }) => part === "call").length;
    const exchanges = how === "takes" ? 0 : Math.ceil(calls / 2);
    this.keptCalls += news - exchanges;
    return { kept: news - exchanges, unredactable: 0, leftOut: { exchanges, truncated: 0, aborted: 0 } };
  }
}

/** A recorder without sockets, whose clock, rules and store do as they are told. */
class ToldRecorder {
  readonly writer = new ToldWriter();
  readonly budget = new Budget(250_000);
  readonly counts = new Counts();
  readonly #fates = new Map<number, Extract<Event, { kind: "begin" }>>();
  readonly #begunCalls: Recording[] = [];
  readonly #capture: Capture;
  readonly #writeBehind: WriteBehind;
  #nowMs = 0;
  #isWithinRate = true;
  #begun = 0;

  constructor() {
    const clock = { now: () => this.#nowMs, epochNsAtZero: 0n, sleepUntil: () => delay(10_000) };
    const keeper: Keeper = {
      begins: ({ sequence }) => this.#fates.get(sequence)!.begins,
      goesOn: ({ sequence }) => this.#fates.get(sequence)!.goesOn,
      ends: ({ sequence }) => this.#fates.get(sequence)!.ends,
      withinRate: () => this.#isWithinRate,
      leftOut: () => {},
    };
    const parts = { clock, key: testKey, budget: this.budget, counts: this.counts, keeper, log: silentLog };
    this.#writeBehind = new WriteBehind({ ...parts, writer: this.writer, flushMs: 0 });
    this.#capture = new Capture({
      ...parts,
      writeBehind: this.#writeBehind,
      maxBodyBytes: 60_000,
      recordReplays: false,
    });
  }

  async happens(event: Event): Promise<void> {
    switch (event.kind) {
      case "begin":
        this.#fates.set(this.#begun++, event);
        this.#begunCalls.push(
          this.#capture.begin(callHead({ isMarked: event.isMarked, startedMs: this.#nowMs }), "inbound"),
        );
        return;
      case "store-answers":
        this.writer.answer(event.how);
        return await turn();
      case "second":
        this.#nowMs += 1100;
        return this.#capture.storeLongCalls();
      case "turn":
        return await delay(1); // batches are handed over by a timer
      case "rate-is-reached":
      case "rate-is-free":
        this.#isWithinRate = event.kind === "rate-is-free";
        return;
      default: {
        const recording = this.#begunCalls.at(-1 - event.call);
        if (recording !== undefined) told[event.kind](recording, "bytes" in event ? event.bytes : 0);
      }
    }
  }

  assertBalanced(): void {
    const { seen, kept, dropped, sampledOut } = this.counts.total;
    const undecided = this.#capture.undecidedCalls + this.#writeBehind.pendingCalls;
    assert.ok(undecided >= 0);
    assert.equal(seen, kept + dropped + sampledOut + undecided, JSON.stringify({ ...this.counts.total, undecided }));
    assert.equal(kept, this.writer.keptCalls);
  }

  /** Lets the calls end and the store take what it has not answered for. */
  async comesToRest(): Promise<void> {
    this.#capture.cutOff();
    for (let round = 0; round < 100 && this.budget.usedBytes > 0; round++) {
      await delay(1);
      this.writer.answer("takes");
      await turn();
    }
    assert.deepEqual([this.#writeBehind.pendingCalls, this.#capture.openCalls, this.budget.usedBytes], [0, 0, 0]);
  }
}

const told: { [K in Extract<Event, { call: number }>["kind"]]: (recording: Recording, bytes: number) => void } = {
  "request-piece": (recording, bytes) => recording.requestPiece(Buffer.alloc(bytes)),
  "answer-piece": (recording, bytes) => recording.answerPiece(Buffer.alloc(bytes)),
  "request-end": (recording) => recording.requestEnded(),
  abort: (recording) => recording.requestAborted(),
  "answer-start": (recording) => recording.answerStarted(200, ["content-type", "text/plain"]),
  "answer-end": (recording) => recording.answerEnded("complete"),
  fail: (recording) => recording.failed("reset"),
  unanswered: (recording) => recording.endedUnanswered(),
};

/** What was settled is acted upon. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("seen is kept + dropped + sampledOut + undecided at all times, whatever calls and store do", async () => {
  const met = { kept: 0, dropped: 0, sampledOut: 0, storeErrors: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(events, { maxLength: 120, size: "max" }), async (what) => {
      const recorder = new ToldRecorder();
      for (const event of what) {
        await recorder.happens(event);
        recorder.assertBalanced();
      }
      await recorder.comesToRest();
      recorder.assertBalanced();
      const { seen, kept, dropped, sampledOut } = recorder.counts.total;
      assert.equal(seen, kept + dropped + sampledOut);
      for (const count of Object.keys(met) as (keyof typeof met)[]) met[count] += recorder.counts.total[count];
    }),
    { numRuns: 150 },
  );
  // Each way that a call can end was taken, often.
  for (const [count, times] of Object.entries(met)) assert.ok(times > 10, `${count} ${times}`);
});

for (const how of ["takes", "refuses"] as const) {
  test(`a call given up while its request is on its way is ${how === "takes" ? "kept" : "dropped"} when the store ${how} it`, async () => {
    const recorder = new ToldRecorder();
    const begin = { kind: "begin", isMarked: false, begins: true, goesOn: true, ends: true } as const;
    const piece = (of: number, bytes: number) => ({ kind: "request-piece", call: of, bytes }) as const;
    const fill = [begin, piece(0, 50_000), begin, piece(0, 50_000), begin, piece(0, 50_000)];
    // The first one is long, so its request is handed over; then the others take the memory that it asks for.
    const script: Event[] = [begin, { kind: "second" }, { kind: "turn" }, ...fill, piece(3, 20_000), piece(3, 20_000)];
    for (const event of script) {
      await recorder.happens(event);
      recorder.assertBalanced();
    }
    assert.deepEqual([recorder.counts.total.kept, recorder.counts.total.dropped], [0, 0]);
    await recorder.happens({ kind: "store-answers", how });
    recorder.assertBalanced();
    assert.deepEqual([recorder.counts.total.kept, recorder.counts.total.dropped], how === "takes" ? [1, 0] : [0, 1]);
    await recorder.comesToRest();
  });
}
