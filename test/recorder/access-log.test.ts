import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type LogEntry, readLogEntries } from "../../recorder/access-log/log-entries.js";
import { askHttp1 } from "../support/clients.js";
import { accessLogsMessage } from "../support/protos.js";
import { startTestRecorder } from "../support/start-recorder.js";
import { TellingClient } from "../support/telling-client.js";
import { until } from "../support/until.js";

const id = "6db69b60-1f03-4c1e-885b-5cab4cc22fc5";
/** The same, with the character that a tracing Envoy rewrites. */
const rewritten = "6db69b60-1f03-9c1e-885b-5cab4cc22fc5";

interface EntryOver {
  requestId?: string;
  path?: string;
  authority?: string;
  status?: number;
  flags?: Record<string, unknown>;
  details?: string;
  intermediate?: boolean;
  startedMs?: number;
}

/** An entry as Envoy writes it: a GET of `shop:80` that took 12.5 ms. */
function entry(over: EntryOver = {}): object {
  const { requestId = rewritten, path = "/orders", authority = "shop:80", status, startedMs = Date.now() } = over;
  return {
    commonProperties: {
      startTime: { seconds: Math.floor(startedMs / 1000), nanos: Math.round((startedMs % 1000) * 1e6) },
      timeToFirstDownstreamTxByte: { nanos: 2_500_000 },
      timeToLastDownstreamTxByte: { nanos: 12_500_000 },
      upstreamRemoteAddress: { socketAddress: { address: "10.0.0.1", portValue: 9080 } },
      responseFlags: over.flags ?? {},
      routeName: "main",
      upstreamRequestAttemptCount: 2,
      intermediateLogEntry: over.intermediate ?? false,
    },
    request: { requestMethod: 1, authority, path, requestId },
    response: {
      ...(status !== undefined && { responseCode: { value: status } }),
      responseCodeDetails: over.details ?? "via_upstream",
    },
  };
}

const logs = (...entries: object[]) => ({ httpLogs: { logEntry: entries } });

async function startMirror(t: Parameters<typeof startTestRecorder>[0]) {
  const recorder = await startTestRecorder(t, { mode: "mirror", accessLog: { listen: "127.0.0.1:0" } });
  const logPort = Number(recorder.doors.accessLog!.split(":").at(-1));
  const copy = (path = "/orders", requestId = id, host = "shop-shadow:80") =>
    askHttp1(recorder.port, {
      method: "GET",
      path,
      headers: [
        ["host", host],
        ["x-request-id", requestId],
        ["x-envoy-internal", "true"],
      ],
    });
  return { ...recorder, copy, log: new TellingClient(t, logPort).accessLog() };
}

const untilStatuses = (writer: { statuses: readonly unknown[] }, count: number) =>
  until(`${count} statuses`, () => writer.statuses.length >= count, { seen: () => writer.statuses });

for (const order of ["after", "before"] as const) {
  test(`an entry that comes ${order} the copy of its request is stored under the copy's sequence`, async (t) => {
    const { writer, log, copy } = await startMirror(t);
    if (order === "before") log.tell([logs(entry({ status: 201 }))]);
    await copy();
    if (order === "after") log.tell([logs(entry({ status: 201 }))]);
    await untilStatuses(writer, 1);
    assert.deepEqual(writer.statuses, [
      {
        part: "status",
        sequence: (await writer.onlyCall()).sequence,
        vantage: "mirror",
        answer: { kind: "status-only", status: 201 },
        startedAfterMs: 2.5,
        endedAfterMs: 12.5,
        proxy: { answeredBy: "service", route: "main", upstream: "10.0.0.1:9080", attempts: 2 },
      },
    ]);
  });
}

test("an entry is joined to no call of another id, method, authority or path", async (t) => {
  const { writer, log, copy, stop } = await startMirror(t);
  await copy();
  const others: EntryOver[] = [{ requestId: "other" }, { authority: "cart:80" }, { path: "/orders?x=1" }];
  log.tell([logs(...others.map((over) => entry({ ...over, status: 500 })))]);
  log.tell([logs(entry({ status: 200 }))]);
  await untilStatuses(writer, 1);
  await stop();
  assert.deepEqual(
    writer.statuses.map(({ answer }) => answer),
    [{ kind: "status-only", status: 200 }],
  );
  assert.deepEqual([writer.counted.statuses, writer.counted.statusesLost], [1, 3]);
});

test("of several calls with one id the one that began nearest gets the entry", async (t) => {
  const { writer, log, copy } = await startMirror(t);
  await copy();
  const [first] = await writer.untilCalls(1);
  await until("another moment", () => performance.now() > first!.request.startedMs + 200);
  const betweenMs = Date.now() - 100;
  await copy();
  log.tell([
    logs(entry({ status: 502, startedMs: betweenMs + 150 }), entry({ status: 200, startedMs: betweenMs - 150 })),
  ]);
  await untilStatuses(writer, 2);
  const statuses = writer.statuses.map(({ sequence, answer }) => [sequence, "status" in answer && answer.status]);
  assert.deepEqual(statuses, [
    [1, 502],
    [0, 200],
  ]);
});

test("where no status was sent it is said why, and entries in between are left aside", async (t) => {
  const { writer, log, copy } = await startMirror(t);
  await copy();
  const left = { flags: { downstreamConnectionTermination: true }, details: "downstream_remote_disconnect" };
  log.tell([logs(entry({ intermediate: true, status: 200 })), logs(entry(left))]);
  await untilStatuses(writer, 1);
  const [{ answer, proxy } = assert.fail()] = writer.statuses;
  assert.deepEqual(answer, { kind: "failure", reason: "aborted" });
  assert.deepEqual(proxy?.flags, ["DC"]);
});

test("an access log beside another mode than mirror is refused", async (t) => {
  await assert.rejects(startTestRecorder(t, { mode: "ext-proc", accessLog: { listen: "127.0.0.1:0" } }), {
    name: "OperatorError",
    message: /needs mode mirror/,
  });
});

const flagNames = Object.keys(accessLogsMessage.root.lookupType("envoy.service.accesslog.v3.ResponseFlags").fields);

test("our reading of an entry is that of protobufjs, and every flag has a name", () => {
  const seen = new Set<string>();
  for (const name of flagNames) {
    const flags = { [name]: name === "unauthorizedDetails" ? {} : true };
    const [read] = readLogEntries(encoded(entry({ status: 503, flags, details: "x" })));
    assert.equal(read!.proxy.flags?.length, 1, name);
    seen.add(read!.proxy.flags![0]!);
  }
  assert.equal(seen.size, 27);
  const text = fc.stringMatching(/^[ -~]*$/);
  const over = fc.record({ requestId: text, path: text, authority: text, status: fc.integer({ min: 100, max: 599 }) });
  fc.assert(
    fc.property(fc.array(over, { maxLength: 4 }), (overs) => {
      const read = readLogEntries(encoded(...overs.map((one) => entry({ ...one, startedMs: 1500.25 }))));
      const rest = {
        method: "GET",
        startedEpochMs: 1500.25,
        startedAfterMs: 2.5,
        endedAfterMs: 12.5,
        isIntermediate: false,
      };
      const proxy = { answeredBy: "service", route: "main", upstream: "10.0.0.1:9080", attempts: 2 } as const;
      assert.deepEqual(
        read,
        overs.map((one): LogEntry => ({ ...one, ...rest, proxy })),
      );
    }),
  );
});

test("no bytes do more than be refused as a message of an access log", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        readLogEntries(bytes);
      } catch (refusal) {
        assert.ok(refusal instanceof RangeError, String(refusal));
      }
    }),
    { numRuns: 5000 },
  );
});

function encoded(...entries: object[]): Uint8Array {
  return accessLogsMessage.encode(accessLogsMessage.fromObject(logs(...entries))).finish();
}
