import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { KeepTexts, RecorderDescription, TapeReader, TapeWalk, TapeWriter } from "../../tape/index.js";
import {
  allOf,
  batchOf,
  callPart,
  capturedBody,
  capturedRequest,
  capturedResponse,
  testEpochNs,
  testKey,
  testRecorder,
} from "../support/captured.js";

/** One kind of tape, as the contract needs it. */
export interface StoreUnderTest {
  /** The tape of one test: the same for all its writers and readers. */
  begin(t: TestContext): {
    write(recorder: RecorderDescription, keep?: KeepTexts): Promise<TapeWriter>;
    read(): Promise<TapeReader>;
  };
}

/** What every kind of tape promises. */
export function tapeStoreContract(name: string, { begin }: StoreUnderTest): void {
  test(`${name}: what was appended is read back as it came, whole`, async (t) => {
    const tape = begin(t);
    const recorder = testRecorder("reviews-1", {
      service: "reviews",
      origin: { cluster: "c", namespace: "shop", workload: "reviews-v1", version: "v1", node: "n1" },
    });
    const writer = await tape.write(recorder);
    const request = capturedRequest({
      text: '{"a":1}',
      path: "/reviews?x=1",
      headers: ["Host", "reviews", "X-Request-Id", "id-1", "x-twice", "1", "x-twice", "\xe9"],
      rawHeaders: ["host", "reviews-shadow"],
      trailers: ["x-sum", "9"],
      startedMs: 10.25,
      endedMs: 11.5,
    });
    const answer = capturedResponse("answer", {
      status: 503,
      end: "reset",
      trailers: ["grpc-status", "0"],
      startedMs: 12,
      endedMs: 13,
    });
    const frames = [{ direction: "to-client", kind: "text", atMs: 12.5, offset: 1, length: 3 } as const];
    const receipt = await writer.append(
      batchOf({
        part: "call",
        sequence: 5,
        vantage: "inbound",
        connection: "c7",
        client: "10.0.0.9",
        request,
        answer,
        frames,
      }),
    );
    assert.equal(receipt.kept, 1);
    await writer.close();

    const reader = await tape.read();
    const [exchange, ...more] = await allOf(reader.read());
    assert.equal(more.length, 0);
    const { body, ...line } = exchange!.request;
    const { body: answerBody, ...answerLine } = exchange!.answer as Extract<
      NonNullable<typeof exchange>["answer"],
      { kind: "response" }
    >;
    assert.equal(body.kind === "whole" && Buffer.from(body.bytes).toString(), '{"a":1}');
    assert.match(body.kind === "whole" ? body.hash : "", /^[0-9a-f]{32}$/);
    // The answer was reset, so what came of its body is all there is, and not all of it.
    assert.equal(answerBody.kind === "cut" && Buffer.from(answerBody.bytes).toString(), "answer");
    assert.equal(answerBody.kind === "cut" && answerBody.fullBytes, 6);
    assert.deepEqual(line, {
      method: "POST",
      scheme: "http",
      authority: "reviews:9080",
      path: "/reviews?x=1",
      protocol: "http/1.1",
      end: "complete",
      headers: [
        ["Host", "reviews"],
        ["X-Request-Id", "id-1"],
        ["x-twice", "1"],
        ["x-twice", "\xe9"],
      ],
      rawHeaders: [["host", "reviews-shadow"]],
      trailers: [["x-sum", "9"]],
    });
    assert.deepEqual(answerLine, {
      kind: "response",
      status: 503,
      end: "reset",
      headers: [["content-type", "text/plain"]],
      trailers: [["grpc-status", "0"]],
    });
    const { request: _, answer: __, ...rest } = exchange!;
    assert.deepEqual(rest, {
      id: 1,
      recorder: recorder.id,
      sequence: 5,
      vantage: "inbound",
      callee: "reviews",
      origin: recorder.origin,
      connection: "c7",
      client: "10.0.0.9",
      trace: { requestId: "id-1" },
      startedNs: testEpochNs + 10_250_000n,
      requestEndedNs: testEpochNs + 11_500_000n,
      answerStartedNs: testEpochNs + 12_000_000n,
      answerEndedNs: testEpochNs + 13_000_000n,
      frames: [{ direction: "to-client", kind: "text", atNs: testEpochNs + 12_500_000n, offset: 1, length: 3 }],
      redacted: { request: [], answer: [] },
    });
    assert.deepEqual(await reader.find(1), exchange);
    assert.equal(await reader.find(2), undefined);
    assert.equal(reader.keyId, testKey.id);
    await reader.close();
  });

  test(`${name}: a failure and an unknown answer are kept as such`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    await writer.append(
      batchOf(
        callPart(1, { answer: { kind: "failure", reason: "refused", endedMs: 3.5 } }),
        callPart(2, { answer: { kind: "unknown" }, vantage: "mirror" }),
      ),
    );
    const reader = await tape.read();
    const [failed, unknown] = await allOf(reader.read());
    assert.deepEqual(failed!.answer, { kind: "failure", reason: "refused", afterMs: 2.5 });
    assert.equal(failed!.answerEndedNs, testEpochNs + 3_500_000n);
    assert.deepEqual(unknown!.answer, { kind: "unknown" });
    assert.equal("answerEndedNs" in unknown!, false);
    const heads = await allOf(reader.skim());
    assert.deepEqual(
      heads.map(({ answer }) => answer),
      [failed!.answer, { kind: "unknown" }],
    );
    await reader.close();
    await writer.close();
  });

  test(`${name}: a secret never comes out again, and its place is named`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const request = capturedRequest({
      text: '{"password":"hunter2hunter2"}',
      headers: ["authorization", "Bearer hunter2hunter2", "content-type", "application/json"],
    });
    await writer.append(batchOf(callPart(1, { request })));
    await writer.close();
    const reader = await tape.read();
    const [exchange] = await allOf(reader.read());
    assert.doesNotMatch(
      JSON.stringify(exchange, (_, v) => (typeof v === "bigint" ? String(v) : v)),
      /hunter2/,
    );
    assert.ok(exchange!.request.body.kind === "whole");
    assert.doesNotMatch(Buffer.from(exchange!.request.body.bytes).toString("latin1"), /hunter2/);
    assert.deepEqual([...exchange!.redacted.request].sort(), ["body:/password", "header:authorization"]);
    await reader.close();
  });

  test(`${name}: a body that cannot be redacted is withheld and counted`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const cut = { ...capturedBody('{"password":hunt,'), fullBytes: 400, hash: new Uint8Array(16).fill(9) };
    const request = capturedRequest({ headers: ["content-type", "application/json"], body: cut });
    const receipt = await writer.append(batchOf(callPart(1, { request })));
    assert.equal(receipt.unredactable, 1);
    const reader = await tape.read();
    const [exchange] = await allOf(reader.read());
    assert.deepEqual(exchange!.request.body, { kind: "unredactable", fullBytes: 400, hash: "09".repeat(16) });
    await reader.close();
    await writer.close();
  });

  test(`${name}: a part that is sent again is ignored, its id and what it points to stay`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    await writer.append(batchOf(callPart(1), callPart(2)));
    const again = await writer.append(
      batchOf(callPart(1, { answer: capturedResponse("another answer") }), callPart(3), callPart(3)),
    );
    assert.equal(again.kept, 1);
    await writer.close();
    const reader = await tape.read();
    const exchanges = await allOf(reader.read());
    assert.deepEqual(
      exchanges.map(({ id, sequence }) => [id, sequence]),
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    );
    // Only "ok" is kept: the ignored answer left nothing behind.
    assert.equal((await reader.stats()).bodies.stored, 1);
    await reader.close();
  });

  test(`${name}: tape order is by start, recorder and sequence, not by when it was stored`, async (t) => {
    const tape = begin(t);
    const [a, b] = [testRecorder("a"), testRecorder("b")];
    const [first, second] = [await tape.write(b), await tape.write(a)];
    const at = (sequence: number, startedMs: number) => callPart(sequence, { request: capturedRequest({ startedMs }) });
    await first.append(batchOf(at(1, 30), at(2, 10), at(4, 20), at(3, 20)));
    await second.append(batchOf(at(1, 20), at(2, 5)));
    await first.close();
    await second.close();
    const reader = await tape.read();
    const order = (await allOf(reader.skim())).map(({ recorder, sequence }) => `${recorder.name}${sequence}`);
    assert.deepEqual(order, ["a2", "b2", "a1", "b3", "b4", "b1"]);
    assert.deepEqual(
      (await allOf(reader.read())).map(({ recorder, sequence }) => `${recorder.name}${sequence}`),
      order,
    );
    await reader.close();
  });

  test(`${name}: a tape is read a turn at a time as it is one by one, and what is left of a turn comes in the next`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder("bulk"));
    const wanted = Array.from({ length: 600 }, (_, at) => at + 1);
    await writer.append(batchOf(...wanted.map((sequence) => callPart(sequence))));
    await writer.close();
    const reader = await tape.read();
    const walks: TapeWalk<{ sequence: number }>[] = [reader.read(), reader.skim()];
    for (const walk of walks) {
      // Twice, for a walk begins anew each time.
      for (let time = 0; time < 2; time++) {
        const [met, turns]: [number[], number[]] = [[], []];
        for await (const turn of walk.turns()) {
          const before = met.length;
          for (const { sequence } of turn) if (met.push(sequence) % 100 === 0) break;
          turns.push(met.length - before);
        }
        assert.deepEqual(met, wanted);
        assert.ok(turns.length >= 6 && Math.max(...turns) <= 100);
      }
      assert.deepEqual(
        (await allOf(walk)).map(({ sequence }) => sequence),
        wanted,
      );
    }
    await reader.close();
  });

  test(`${name}: other work gets its turn while a tape is looked through for what is not there`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder("bulk"));
    await writer.append(batchOf(...Array.from({ length: 2000 }, (_, at) => callPart(at + 1))));
    await writer.close();
    const reader = await tape.read();
    const never = () => false;
    const walks: Record<string, TapeWalk<object>> = {
      "read whereWhole": reader.read({ whereWhole: never }),
      "read where": reader.read({ where: never }),
      "skim where": reader.skim({ where: never }),
      "skim whereId": reader.skim({ whereId: never }),
    };
    for (const [what, walk] of Object.entries(walks)) {
      let [turnsOfOthers, isOver] = [0, false];
      const others = () => {
        turnsOfOthers++;
        if (!isOver) setImmediate(others);
      };
      setImmediate(others);
      assert.deepEqual(await allOf(walk), []);
      isOver = true;
      assert.ok(turnsOfOthers >= 5, `${what}: ${turnsOfOthers} turns`);
    }
    await reader.close();
  });

  test(`${name}: a call that stays open is there with its request, and completed under the same id`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const open = capturedRequest({ text: "first half", end: "open" });
    const { endedMs: _, ...stillComing } = open;
    const identity = { sequence: 1, vantage: "inbound" } as const;
    assert.equal((await writer.append(batchOf({ ...identity, part: "request", request: stillComing }))).kept, 1);
    const reader = await tape.read();
    const [before] = await allOf(reader.read());
    assert.equal(before!.request.end, "open");
    assert.equal(
      before!.request.body.kind === "cut" && Buffer.from(before!.request.body.bytes).toString(),
      "first half",
    );
    assert.deepEqual(before!.answer, { kind: "unknown" });

    const request = capturedRequest({ text: "first half, second half" });
    const completion = { ...identity, part: "answer", request, answer: capturedResponse("done") } as const;
    assert.equal((await writer.append(batchOf(completion))).kept, 0);
    assert.equal((await writer.append(batchOf(completion))).kept, 0);
    await reader.close();
    await writer.close();
    const later = await tape.read();
    const [after, ...more] = await allOf(later.read());
    assert.equal(more.length, 0);
    assert.equal(after!.id, before!.id);
    assert.equal(after!.request.end, "complete");
    assert.equal(
      after!.request.body.kind === "whole" && Buffer.from(after!.request.body.bytes).toString(),
      "first half, second half",
    );
    assert.equal(after!.answer.kind, "response");
    // The half body is gone.
    assert.equal((await later.stats()).bodies.stored, 2);
    await later.close();
  });

  test(`${name}: an answer whose request was lost is kept as the whole call it holds`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const part = {
      part: "answer",
      sequence: 9,
      vantage: "inbound",
      request: capturedRequest(),
      answer: capturedResponse("x"),
    } as const;
    assert.equal((await writer.append(batchOf(part))).kept, 1);
    const reader = await tape.read();
    assert.equal((await allOf(reader.read()))[0]!.answer.kind, "response");
    await reader.close();
    await writer.close();
  });

  for (const order of ["after", "before"] as const) {
    test(`${name}: a status told ${order} its call was stored gives it an answer that is a status and no more`, async (t) => {
      const tape = begin(t);
      const writer = await tape.write(testRecorder());
      const call = callPart(1, { vantage: "mirror", answer: { kind: "unknown" } });
      const other = callPart(2, { vantage: "mirror", answer: { kind: "unknown" } });
      const proxy = { answeredBy: "proxy", flags: ["UF"], details: "refused" } as const;
      const answer = { kind: "status-only", status: 503 } as const;
      const status = { part: "status", sequence: 1, vantage: "mirror", answer, proxy } as const;
      const timed = { ...status, startedAfterMs: 2.5, endedAfterMs: 4 };
      for (const batch of order === "after" ? [[call, other], [timed]] : [[timed], [call, other]]) {
        await writer.append(batchOf(...batch));
      }
      const reader = await tape.read();
      const [told, unknown] = await allOf(reader.read());
      assert.deepEqual(told!.answer, { kind: "status-only", status: 503 });
      assert.deepEqual(told!.proxy, proxy);
      assert.equal(told!.answerStartedNs, told!.startedNs + 2_500_000n);
      assert.equal(told!.answerEndedNs, told!.startedNs + 4_000_000n);
      assert.deepEqual(unknown!.answer, { kind: "unknown" });
      assert.deepEqual(await reader.find(told!.id), told);
      assert.deepEqual((await allOf(reader.skim({ where: ({ answer }) => answer.kind === "status-only" }))).length, 1);
      const { exchanges, answers } = await reader.stats();
      assert.deepEqual([exchanges, answers], [2, { response: 0, failure: 0, "status-only": 1, unknown: 1 }]);
      await reader.close();
      await writer.close();
    });
  }

  test(`${name}: a status never takes the place of an answer, nor of the status told first`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const told = (sequence: number, status: number) =>
      ({ part: "status", sequence, vantage: "inbound", answer: { kind: "status-only", status } }) as const;
    await writer.append(batchOf(told(1, 500), callPart(1), callPart(2), told(2, 500)));
    await writer.append(batchOf(callPart(3, { answer: { kind: "unknown" } }), told(3, 200), told(3, 500)));
    await writer.append(batchOf(told(4, 201), told(4, 500), callPart(4, { answer: { kind: "unknown" } })));
    const receipt = await writer.append(
      batchOf(callPart(5, { answer: { kind: "failure", reason: "reset", endedMs: 9 } }), told(5, 200)),
    );
    assert.equal(receipt.kept, 1);
    const reader = await tape.read();
    const answers = (await allOf(reader.skim())).map(({ answer }) =>
      "status" in answer ? `${answer.kind} ${answer.status}` : answer.kind,
    );
    assert.deepEqual(answers, ["response 200", "response 200", "status-only 200", "status-only 201", "failure"]);
    await reader.close();
    await writer.close();
  });

  test(`${name}: an access log that knows no status tells why there was none`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const answer = { kind: "failure", reason: "aborted" } as const;
    await writer.append(
      batchOf(callPart(1, { vantage: "mirror", answer: { kind: "unknown" } }), {
        part: "status",
        sequence: 1,
        vantage: "mirror",
        answer,
        endedAfterMs: 12.5,
      }),
    );
    const reader = await tape.read();
    const [told] = await allOf(reader.read());
    assert.deepEqual(told!.answer, { kind: "failure", reason: "aborted", afterMs: 12.5 });
    assert.equal(told!.answerEndedNs, told!.startedNs + 12_500_000n);
    assert.deepEqual((await reader.stats()).answers, { response: 0, failure: 1, "status-only": 0, unknown: 0 });
    await reader.close();
    await writer.close();
  });

  test(`${name}: a status told while the call is open stays when its end brings no answer, and goes when it does`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const open = (sequence: number) =>
      ({
        part: "request",
        sequence,
        vantage: "mirror",
        request: capturedRequest({ end: "open", startedMs: sequence }),
      }) as const;
    const told = (sequence: number) =>
      ({ part: "status", sequence, vantage: "mirror", answer: { kind: "status-only", status: 204 } }) as const;
    await writer.append(batchOf(open(1), open(2), told(1), told(2)));
    const early = await tape.read();
    assert.deepEqual((await early.stats()).answers["status-only"], 2);
    await early.close();
    const ended = { vantage: "mirror", request: capturedRequest(), part: "answer" } as const;
    await writer.append(
      batchOf(
        { ...ended, sequence: 1, answer: { kind: "unknown" } },
        { ...ended, sequence: 2, answer: capturedResponse("real") },
      ),
    );
    const reader = await tape.read();
    const answers = (await allOf(reader.read())).map(({ answer }) => answer.kind);
    assert.deepEqual(answers, ["status-only", "response"]);
    await reader.close();
    await writer.close();
  });

  test(`${name}: equal bodies are stored once`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const text = "the same long answer ".repeat(50);
    const parts = [1, 2, 3, 4].map((sequence) => callPart(sequence, { answer: capturedResponse(text) }));
    await writer.append(batchOf(...parts.slice(0, 2)));
    await writer.append(batchOf(...parts.slice(2), callPart(5, { answer: capturedResponse("another") })));
    await writer.close();
    const reader = await tape.read();
    const { bodies } = await reader.stats();
    assert.equal(bodies.stored, 2);
    assert.equal(bodies.bytesSeen, 4 * text.length + "another".length);
    assert.ok(bodies.bytesStored <= text.length + "another".length);
    const texts = (await allOf(reader.read())).map(
      ({ answer }) =>
        answer.kind === "response" && answer.body.kind === "whole" && Buffer.from(answer.body.bytes).toString(),
    );
    assert.deepEqual(texts, [text, text, text, text, "another"]);
    await reader.close();
  });

  test(`${name}: the ledger adds up counts by recorder and minute`, async (t) => {
    const tape = begin(t);
    const recorder = testRecorder();
    const writer = await tape.write(recorder);
    const minuteNs = testEpochNs - (testEpochNs % 60_000_000_000n);
    await writer.count(minuteNs + 1n, { seen: 3, kept: 2, dropped: 1 });
    await writer.count(minuteNs + 59_000_000_000n, { seen: 1, kept: 1 });
    await writer.count(minuteNs + 60_000_000_000n, { seen: 5, dropped: 5 });
    await writer.close();
    const reader = await tape.read();
    const { entries, gaps } = await reader.ledger();
    assert.deepEqual(
      entries.map(({ recorder: { incarnation }, minuteNs: at, counts }) => [
        incarnation,
        at - minuteNs,
        counts.seen,
        counts.kept,
        counts.dropped,
      ]),
      [
        [recorder.id.incarnation, 0n, 4, 3, 1],
        [recorder.id.incarnation, 60_000_000_000n, 5, 0, 5],
      ],
    );
    assert.deepEqual(gaps, []);
    const stats = await reader.stats();
    assert.equal(stats.dropped, 6);
    assert.equal(stats.counts.seen, 9);
    assert.deepEqual([stats.recorders.length, stats.recorders[0]!.stoppedNs !== undefined], [1, true]);
    await reader.close();
  });

  test(`${name}: statistics count what is there`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder("reviews-1", { service: "reviews" }));
    const cut = { ...capturedBody("first bytes"), fullBytes: 5000, hash: new Uint8Array(16) };
    await writer.append(
      batchOf(
        callPart(1),
        callPart(2, {
          vantage: "mirror",
          answer: { kind: "unknown" },
          request: capturedRequest({ body: cut, startedMs: 2 }),
        }),
        callPart(3, { answer: { kind: "failure", reason: "reset", endedMs: 9 } }),
        callPart(4, { request: capturedRequest({ end: "aborted", startedMs: 4 }) }),
      ),
    );
    const reader = await tape.read();
    const stats = await reader.stats();
    assert.deepEqual(
      [stats.exchanges, stats.byVantage, stats.answers, stats.truncated],
      [4, { inbound: 3, mirror: 1 }, { response: 2, failure: 1, "status-only": 0, unknown: 1 }, 2],
    );
    assert.deepEqual([stats.firstNs, stats.lastNs], [testEpochNs + 1_000_000n, testEpochNs + 4_000_000n]);
    assert.deepEqual(
      stats.recorders.map(({ service, exchanges }) => [service, exchanges]),
      [["reviews", 4]],
    );
    assert.equal(stats.segments[0]!.exchanges, 4);
    await reader.close();
    await writer.close();
  });

  test(`${name}: a selection's conditions all hold together`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    await writer.append(batchOf(...Array.from({ length: 20 }, (_, at) => callPart(at + 1))));
    const reader = await tape.read();
    const idsOf = async (which: Parameters<TapeReader["read"]>[0]) => {
      const skimmed = (await allOf(reader.skim(which))).map(({ id }) => id);
      assert.deepEqual(
        (await allOf(reader.read(which))).map(({ id }) => id),
        skimmed,
      );
      return skimmed;
    };
    const at = (ms: number) => testEpochNs + BigInt(ms) * 1_000_000n;
    assert.deepEqual(await idsOf({ ids: [7, 3, 7, 999] }), [3, 7]);
    assert.deepEqual(await idsOf({ fromNs: at(5), toNs: at(8) }), [5, 6, 7]);
    assert.deepEqual(await idsOf({ where: ({ sequence }) => sequence % 5 === 0, limit: 3 }), [5, 10, 15]);
    assert.deepEqual(await idsOf({ whereId: (id) => id % 4 === 0, fromNs: at(5) }), [8, 12, 16, 20]);
    assert.deepEqual(await idsOf({ ids: [1, 5, 10], where: ({ sequence }) => sequence % 5 === 0, toNs: at(10) }), [5]);
    assert.deepEqual(await idsOf({ limit: 0 }), []);
    const whole = await allOf(reader.read({ whereWhole: ({ request }) => request.headers.length === 2, limit: 2 }));
    assert.deepEqual(
      whole.map(({ id }) => id),
      [1, 2],
    );
    await reader.close();
    await writer.close();
  });

  test(`${name}: an incarnation that never said goodbye leaves a gap up to the next one`, async (t) => {
    const tape = begin(t);
    const first = testRecorder("reviews-1");
    const second = testRecorder("reviews-1", { epochNsAtZero: testEpochNs + 3_600_000_000_000n });
    const left = await tape.write(first);
    await left.append(batchOf(callPart(1)));
    const next = await tape.write(second);
    await next.append(batchOf(callPart(1)));
    await next.close();
    const reader = await tape.read();
    const { gaps } = await reader.ledger();
    assert.deepEqual(
      gaps.map(({ recorder, afterIncarnation }) => [recorder, afterIncarnation]),
      [["reviews-1", first.id.incarnation]],
    );
    const { recorders } = await reader.stats();
    assert.equal(gaps[0]!.fromNs, recorders[0]!.aliveNs);
    assert.equal(gaps[0]!.toNs, recorders[1]!.startedNs);
    assert.ok(gaps[0]!.fromNs < gaps[0]!.toNs!);
    assert.deepEqual((await reader.stats()).gaps, gaps);
    await reader.close();
    await left.close();
  });

  test(`${name}: ids are the same at every opening and are given once`, async (t) => {
    const tape = begin(t);
    const first = await tape.write(testRecorder("a"));
    await first.append(batchOf(callPart(2), callPart(1)));
    await first.close();
    const second = await tape.write(testRecorder("b"));
    await second.append(batchOf(callPart(1)));
    await second.close();
    const ids = async () => {
      const reader = await tape.read();
      const found = (await allOf(reader.skim())).map(
        ({ id, recorder, sequence }) => `${recorder.name}${sequence}=${id}`,
      );
      await reader.close();
      return found;
    };
    const found = await ids();
    assert.equal(new Set(found.map((text) => text.split("=")[1])).size, 3);
    assert.deepEqual(
      found.slice(1).sort(),
      ["b1", "a2"].map((name) => found.find((text) => text.startsWith(name))).sort(),
    );
    assert.deepEqual(await ids(), found);
  });

  test(`${name}: closing twice is as closing once, and a closed writer refuses`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    await writer.append(batchOf(callPart(1)));
    await Promise.all([writer.close(), writer.close()]);
    await writer.close();
    await assert.rejects(writer.append(batchOf(callPart(2))), { name: "TapeError", message: /closed/ });
    const reader = await tape.read();
    assert.equal((await reader.stats()).exchanges, 1);
    await reader.close();
    await reader.close();
    await assert.rejects(allOf(reader.read()), { name: "TapeError", message: /closed/ });
  });

  test(`${name}: calls that the rules leave out are not stored, and the receipt says how many`, async (t) => {
    const tape = begin(t);
    const rules = { keep: ["answer.body:/ok = false or method = POST"], drop: ["header.x-secret = hunter2"] };
    const writer = await tape.write(testRecorder(), rules);
    const answered = (text: string) => ({ answer: capturedResponse(text) });
    const cut = { ...capturedRequest(), body: { ...capturedBody("abc"), fullBytes: 9, hash: new Uint8Array(16) } };
    const secret = { ...capturedRequest({ text: "x" }), headers: ["x-secret", "hunter2"] };
    const open = capturedRequest({ end: "open", startedMs: 6 });
    const receipt = await writer.append(
      batchOf(
        callPart(1, answered('{"ok":true}')),
        callPart(2, answered('{"ok":false}')),
        callPart(3, { request: { ...cut, end: "aborted" } }),
        callPart(4, { request: secret }),
        callPart(5, { request: capturedRequest({ text: "x" }) }),
        // What is stored while it is open was decided by who recorded it, and so was its answer.
        { part: "request", sequence: 6, vantage: "inbound", request: open },
      ),
    );
    assert.deepEqual(receipt.kept, 3);
    assert.deepEqual(receipt.leftOut, { exchanges: 3, truncated: 1, aborted: 1 });
    const answer = { request: capturedRequest({ startedMs: 6 }), answer: capturedResponse('{"ok":true}') };
    await writer.append(batchOf({ part: "answer", sequence: 6, vantage: "inbound", ...answer }));
    await writer.close();
    const reader = await tape.read();
    const kept = await allOf(reader.skim());
    assert.deepEqual(kept.map(({ sequence }) => sequence).sort(), [2, 5, 6]);
    assert.equal(kept.find(({ sequence }) => sequence === 6)!.answer.kind, "response");
    await reader.close();
  });

  test(`${name}: a buffer comes back for use by the next batch`, async (t) => {
    const tape = begin(t);
    const writer = await tape.write(testRecorder());
    const batch = batchOf(callPart(1));
    const bytes = batch.buffer.byteLength;
    const receipt = await writer.append(batch);
    assert.equal(receipt.buffer?.byteLength, bytes);
    await writer.close();
  });
}
