import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { systemClock } from "../../base/index.js";
import {
  type ExperimentEnv,
  parseExperiment,
  prepareExperiment,
  runExperiment,
  switchOf,
} from "../../experiment/index.js";
import { restore } from "../../mesh/index.js";
import { service, virtualService } from "../support/cluster.js";
import { closedPort, listenOnLoopback } from "../support/loopback.js";
import { MemoryCluster } from "../support/memory-cluster.js";
import { PodsCluster } from "../support/pods-cluster.js";
import { tapeOf } from "../support/replay-tape.js";
import { runInMemory } from "../support/run-in-memory.js";
import { until } from "../support/until.js";
import { testKey } from "../support/wire-request.js";

const reviews = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };
const ok: http.RequestListener = (_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end('{"ok":true}');
};
const isMarked = ({ headers }: http.IncomingMessage) => /tapeloop\.fault=/.test(String(headers.baggage));
/** Answers marked requests as a proxy before it would that injects the fault; its status is none of a failure. */
const underFault: http.RequestListener = (request, response) => {
  if (isMarked(request)) response.writeHead(429).end("fault filter abort");
  else ok(request, response);
};
/** What the faults do by themselves is wanted. */
const ofVersions = { name: "version", divergences: { attribution: ["version", "interaction"] }, trips: "> 0" };
const serve = async (t: TestContext, listener: http.RequestListener) =>
  `http://127.0.0.1:${await listenOnLoopback(t, http.createServer(listener))}`;

/** A shop in memory, a tape of so many calls at ten a second, and a way to run an experiment there. */
async function shop(
  t: TestContext,
  {
    calls = 20,
    target = underFault,
    cluster = new MemoryCluster(),
  }: { calls?: number; target?: http.RequestListener; cluster?: MemoryCluster } = {},
) {
  const labels = { "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(service("shop", "reviews"));
  await cluster.create(virtualService("shop", "reviews"));
  const before = await cluster.read(reviews);
  const tape = await tapeOf(Array.from({ length: calls }, (_, at) => ({ startMs: at * 100, path: `/reviews/${at}` })));
  const url = await serve(t, target);
  const fault = { name: "down", service: "reviews", abort: 429 };
  const base = {
    tape: "unused",
    target: url,
    mesh: { namespace: "shop" },
    faults: [fault],
    settle: "0",
    every: "50ms",
  };
  const run = async (spec: object, more: Partial<ExperimentEnv> = {}) => {
    const text = stringify({
      ...{ apiVersion: "tapeloop.io/v1alpha1", kind: "Experiment", metadata: { name: "trial" } },
      spec: { ...base, ...spec },
    });
    const prepared = prepareExperiment(parseExperiment(text, "trial.yaml"), "trial.yaml", "/");
    const env: ExperimentEnv = {
      ...{ clock: systemClock(), tape, tapePaths: ["test"], runId: "run1", run: runInMemory(), version: "0.0.0" },
      ...{ key: testKey, faults: await switchOf(prepared, async () => cluster), signal: new AbortController().signal },
    };
    return runExperiment(prepared, { ...env, ...more });
  };
  const isAsBefore = async () => {
    const now = await cluster.read(reviews);
    assert.deepEqual([now!.spec, now!.metadata.annotations], [before!.spec, undefined]);
    assert.deepEqual(await restore(cluster, { namespace: "shop" }), [], "the journal is empty");
  };
  return { cluster, run, isAsBefore };
}

/** Somebody who answers queries as a Prometheus does, with what the test says. */
async function fakePrometheus(t: TestContext, answer: () => { status?: number; value?: string } | undefined) {
  return serve(t, (_request, response) => {
    const said = answer();
    if (said === undefined) return void response.destroy();
    const result = said.value === undefined ? [] : [{ metric: { __name__: "errors" }, value: [0, said.value] }];
    response.writeHead(said.status ?? 200);
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  });
}
const isOn = async (cluster: MemoryCluster) => JSON.stringify((await cluster.read(reviews))!.spec).includes("fault");

test("an experiment that holds passes: the fault was on while requests went out, and all is as before", async (t) => {
  let sawFault = false;
  const { cluster, run, isAsBefore } = await shop(t, {
    target: async (request, response) => {
      sawFault ||= await isOn(cluster);
      underFault(request, response);
    },
  });
  const summary = await run({ thresholds: [{ name: "few-failures", stream: "failed", trips: "> 3" }, ofVersions] });
  assert.deepEqual([summary.conclusion, summary.reasons], ["Passed", []]);
  assert.deepEqual(
    summary.states.map(({ state }) => state),
    ["Pending", "Steady", "Running", "Passed", "PutBack"],
  );
  assert.deepEqual(summary.putBack, [
    { fault: "down", object: "VirtualService shop/reviews", outcome: "as-before", wasInPlace: true },
  ]);
  assert.deepEqual(
    summary.changes.map(({ kind }) => kind),
    ["fault-on", "sending", "sent", "fault-off"],
  );
  assert.equal(sawFault, true);
  assert.deepEqual(summary.faults[0]!.fired, { steps: 20, showed: 20, isProven: true });
  assert.deepEqual(
    [summary.replay!.sent, summary.replay!.lanes.map(({ name }) => name)],
    [20, ["candidate", "candidate+faults"]],
  );
  assert.ok(summary.thresholds[0]!.history.length > 0);
  await isAsBefore();
});

test("a threshold of our own stream trips: nothing more is sent and the faults are off, long before the replay would be over", async (t) => {
  const { run, isAsBefore } = await shop(t, {
    calls: 600,
    target: (request, response) => {
      // Never answered: nothing more is sent, and the replay waits two seconds for it.
      if (request.url === "/reviews/5") return;
      if (isMarked(request)) return void response.writeHead(503).end("fault filter abort");
      ok(request, response);
    },
  });
  const thresholds = [{ name: "few-failures", stream: "failed", trips: "> 10", in: "1m" }];
  const summary = await run({ thresholds, pace: "20/s", order: "none" });
  assert.deepEqual([summary.conclusion, summary.reasons], ["Failed", ["few-failures: 11 (> 10), candidate+faults"]]);
  assert.ok(summary.replay!.sent < 600, `${summary.replay!.sent} sent`);
  const at = (kind: string) => summary.changes.find((change) => change.kind === kind)!.atMs;
  // A busy machine may take its time; what must hold is that nothing is waited for between the two.
  assert.deepEqual(
    summary.changes.map(({ kind }) => kind),
    ["fault-on", "sending", "tripped", "fault-off", "sent"],
  );
  t.diagnostic(`faults off ${Math.round(at("fault-off") - at("tripped"))} ms after the threshold tripped`);
  await isAsBefore();
});

test("one that fails only at the end lets the run go on", async (t) => {
  const { run, isAsBefore } = await shop(t, { target: (_request, response) => void response.writeHead(500).end() });
  const summary = await run({ thresholds: [{ name: "none", stream: "failed", trips: "> 0", onTrip: "fail" }] });
  assert.equal(summary.conclusion, "Failed");
  assert.equal(summary.replay!.sent, 20);
  await isAsBefore();
});

test("Prometheus gone, NaN, empty or broken while it runs: inconclusive, and all is put back", async (t) => {
  for (const [now, why] of [
    [undefined, /^errors: cannot reach Prometheus/],
    [{ value: "NaN" }, /^errors: errors is no number \(NaN\)/],
    [{}, /^errors: the result is empty/],
    [{ status: 503, value: "1" }, /^errors: no answer of a Prometheus: status 503/],
  ] as const) {
    const { cluster, run, isAsBefore } = await shop(t, { calls: 600 });
    let wasOn = false;
    let answered: ReturnType<Parameters<typeof fakePrometheus>[1]> = { value: "1" };
    const prometheus = await fakePrometheus(t, () => answered);
    const watching = until("the fault to be on", () => isOn(cluster)).then(() => {
      wasOn = true;
      answered = now;
    });
    const summary = await run({
      prometheus,
      thresholds: [{ name: "errors", prometheus: "errors", trips: "> 5" }],
      pace: "20/s",
    });
    await watching;
    assert.deepEqual([summary.conclusion, wasOn], ["Inconclusive", true]);
    assert.match(summary.reasons[0]!, why);
    assert.ok(summary.replay!.sent < 600);
    await isAsBefore();
  }
});

test("a query that trips ends the run within one poll; `for` waits", async (t) => {
  const { run, isAsBefore, cluster } = await shop(t, { calls: 600 });
  const prometheus = await fakePrometheus(t, () => ({ value: now }));
  let now = "1";
  const rising = until("the fault to be on", () => isOn(cluster)).then(() => {
    now = "9";
  });
  const thresholds = [{ name: "errors", prometheus: "errors", trips: "> 5", for: "200ms" }];
  const summary = await run({ prometheus, thresholds, pace: "20/s" });
  await rising;
  assert.deepEqual([summary.conclusion, summary.reasons], ["Failed", ["errors: 9 (> 5), errors"]]);
  const { history, atMs } = summary.thresholds[0]!;
  const firstMs = history.find(({ value }) => value === 9)!.atMs;
  assert.ok(atMs! - firstMs >= 200, `tripped ${atMs! - firstMs} ms after it began`);
  await isAsBefore();
});

test("what is not well before is inconclusive, and nothing was changed or sent", async (t) => {
  const { run, isAsBefore } = await shop(t);
  for (const [answer, why] of [
    [{ value: "9" }, "before anything was changed: errors: 9 (> 5), errors"],
    [{}, "before anything was changed: errors: the result is empty"],
  ] as const) {
    const prometheus = await fakePrometheus(t, () => answer);
    const summary = await run({ prometheus, thresholds: [{ name: "errors", prometheus: "errors", trips: "> 5" }] });
    assert.deepEqual([summary.conclusion, summary.reasons], ["Inconclusive", [why]]);
    assert.deepEqual([summary.changes, summary.replay, summary.faults[0]!.fired], [[], undefined, undefined]);
    await isAsBefore();
  }
});

test("a webhook is told the state, ends the run with its reason, and is unknown when it does not answer", async (t) => {
  const told: { state: string; experiment: string }[] = [];
  const { run, isAsBefore } = await shop(t, { calls: 600 });
  const hook = await serve(t, (request, response) => {
    let text = "";
    request.on("data", (piece: Buffer) => {
      text += String(piece);
    });
    request.on("end", () => {
      told.push(JSON.parse(text) as (typeof told)[number]);
      const isBad = told.some(({ state }) => state === "Running");
      response.end(isBad ? '{"ok":false,"reason":"the pager says no"}' : "");
    });
  });
  const failed = await run({ thresholds: [{ name: "hook", webhook: hook }], pace: "20/s" });
  assert.deepEqual([failed.conclusion, failed.reasons], ["Failed", ["hook: the pager says no"]]);
  assert.deepEqual([told[0]!.state, told[0]!.experiment, told.at(-1)!.state], ["Steady", "trial", "Running"]);
  await isAsBefore();
  const nobody = `http://127.0.0.1:${await closedPort()}`;
  const unknown = await run({ thresholds: [{ name: "hook", webhook: nobody, before: false }], pace: "20/s" });
  assert.equal(unknown.conclusion, "Inconclusive");
  assert.match(unknown.reasons[0]!, /^hook: cannot reach the webhook/);
  await isAsBefore();
});

test("interrupted at any moment it puts all back and says so", async (t) => {
  for (const moment of ["Steady", "Running", "sending"]) {
    const { run, isAsBefore, cluster } = await shop(t, { calls: 600 });
    const controller = new AbortController();
    const onState = ({ state }: { state: string }) => state === moment && controller.abort();
    if (moment === "sending") void until("the fault to be on", () => isOn(cluster)).then(() => controller.abort());
    const summary = await run({ pace: "20/s" }, { signal: controller.signal, onState });
    assert.deepEqual(
      [summary.conclusion, summary.interrupted, summary.reasons[0]],
      ["Inconclusive", true, "interrupted"],
      moment,
    );
    await isAsBefore();
  }
});

test("a fault that somebody else takes out meanwhile makes a pass none", async (t) => {
  const { run, cluster, isAsBefore } = await shop(t);
  const meddling = until("the fault to be on", () => isOn(cluster)).then(() =>
    restore(cluster, { namespace: "shop", evenIfAlive: true }),
  );
  const summary = await run({ pace: "20/s", thresholds: [ofVersions] });
  await meddling;
  assert.equal(summary.conclusion, "Inconclusive");
  assert.match(
    summary.reasons[0]!,
    /^fault down was taken out of VirtualService shop\/reviews, or changed there, by somebody else/,
  );
  await isAsBefore();
});

test("a run that ends for its time is judged by what it sent; one that could read nothing is no pass", async (t) => {
  const { run, isAsBefore } = await shop(t, { calls: 600 });
  const passed = await run({ pace: "20/s", duration: "500ms", thresholds: [ofVersions] });
  assert.deepEqual([passed.conclusion, passed.reasons], ["Passed", []]);
  assert.ok(passed.replay!.sent > 0 && passed.replay!.sent < 600);
  const unread = await run({
    ...{ pace: "20/s", duration: "500ms" },
    thresholds: [{ name: "fast", stream: "throughput", trips: "< 1/s", in: "1h" }, ofVersions],
  });
  assert.equal(unread.conclusion, "Inconclusive");
  assert.match(unread.reasons[0]!, /^fast: it gave no reading: too few answers in its window/);
  await isAsBefore();
});

test("a version that differs fails by itself, where nothing is said about divergences", async (t) => {
  const { run, isAsBefore } = await shop(t, {
    target: (request, response) => {
      if (isMarked(request)) return underFault(request, response);
      response.setHeader("content-type", "application/json");
      response.end('{"ok":"yes"}');
    },
  });
  const failed = await run({});
  assert.equal(failed.conclusion, "Failed");
  assert.match(failed.reasons[0]!, /^the replay diverged: /);
  const ofTheVersion = { kind: ["status"], attribution: ["version", "interaction", "unattributed"] };
  const chosen = [{ name: "status", divergences: ofTheVersion, trips: "> 0" }];
  assert.equal((await run({ thresholds: chosen })).conclusion, "Passed");
  await isAsBefore();
});

test("a fault that the mesh draws for anybody comes on after the control run, never beside it", async (t) => {
  const seen: string[] = [];
  const { run, cluster, isAsBefore } = await shop(t, {
    target: async (request, response) => {
      const isNow = await isOn(cluster);
      seen.push(`${request.headers["x-tapeloop-lane"]} ${isNow ? "on" : "off"}`);
      if (isNow && seen.length % 2 === 0) response.writeHead(429).end("fault filter abort");
      else ok(request, response);
    },
  });
  const faults = [{ name: "some", service: "reviews", abort: 429, ofAllCalls: "50%" }];
  const summary = await run({ faults, thresholds: [ofVersions] });
  assert.deepEqual([summary.conclusion, summary.reasons], ["Passed", []]);
  assert.deepEqual(summary.faults[0]!.fired, { steps: 20, showed: 10, isProven: true });
  assert.deepEqual([...new Set(seen)], ["candidate off", "candidate+faults on"]);
  await isAsBefore();
});

test("a fault that fired on no request is no pass: it is said what doctor sees in its way, and that no Step was marked", async (t) => {
  const { run, cluster, isAsBefore } = await shop(t, { target: ok });
  const unseen = await run({});
  assert.deepEqual([unseen.conclusion, unseen.faults[0]!.fired!.showed], ["Inconclusive", 0]);
  assert.deepEqual(unseen.reasons, [
    "fault down is not known to have fired: none of its 20 Steps showed it, and its callers' proxies do not count it; doctor sees nothing in its way",
  ]);
  const bare = { metadata: { name: "productpage", namespace: "shop" }, spec: { containers: [{ name: "app" }] } };
  await cluster.create({ apiVersion: "v1", kind: "Pod", ...bare, status: { phase: "Running" } });
  const bareCaller = await run({});
  assert.match(
    bareCaller.reasons[0]!,
    /; TL0103 at VirtualService shop\/reviews spec\.http\[0\]\.fault: no caller has a sidecar, and meets no fault: productpage/,
  );
  const fault = { name: "down", service: "reviews", abort: 429 };
  const twice = await run({ faults: [fault, { ...fault, name: "late" }], thresholds: [ofVersions] });
  assert.deepEqual([twice.conclusion, twice.faults[1]!.fired!.steps], ["Inconclusive", 0]);
  assert.match(twice.reasons.at(-1)!, /^fault late was not met: no Step that was sent was marked for it/);
  await isAsBefore();
});

test("a fault whose callers hide it passes where their proxies count it, and only then", async (t) => {
  const cluster = new PodsCluster(t);
  const { run, isAsBefore } = await shop(t, { target: ok, cluster });
  let injected = 7;
  const page = () => `http.outbound_0.0.0.0_80;.fault.aborts_injected: ${injected}`;
  const labels = { app: "productpage" };
  await cluster.addPod("productpage", { namespace: "shop", labels, sidecar: page });
  const faults = [{ name: "down", service: "reviews", from: labels, abort: 429 }];
  const none = await run({ faults });
  assert.deepEqual(none.faults[0]!.fired, { steps: 20, showed: 0, injected: 0, isProven: false });
  assert.match(none.reasons[0]!, /none of its 20 Steps showed it, and its callers' proxies count none/);
  const counting = until("the fault to be on", () => isOn(cluster)).then(() => {
    injected = 19;
  });
  const counted = await run({ faults, pace: "20/s" });
  await counting;
  assert.deepEqual([counted.conclusion, counted.reasons], ["Passed", []]);
  assert.deepEqual(counted.faults[0]!.fired, { steps: 20, showed: 0, injected: 12, isProven: true });
  await isAsBefore();
});

test("two faults on one service are on beside each other, meet Steps of their own, and go both", async (t) => {
  const { run, cluster, isAsBefore } = await shop(t, {
    target: (request, response) => {
      const name = /tapeloop\.fault=(\w+)/.exec(String(request.headers.baggage))?.[1];
      if (name === undefined) ok(request, response);
      else response.writeHead(name === "down" ? 429 : 418).end("fault filter abort");
    },
  });
  let routes: string[] = [];
  const looking = until("both to be on", async () => {
    const { http } = (await cluster.read(reviews))!.spec as { http: { name?: string }[] };
    routes = http.map(({ name }) => name ?? "");
    return routes.length === 6;
  });
  const half = { name: "down", service: "reviews", abort: 429, share: "50%" };
  // On the same edge, too: what comes from productpage alone.
  const rest = { name: "late", service: "reviews", abort: 418, from: { app: "productpage" } };
  const summary = await run({ faults: [half, rest], thresholds: [ofVersions], pace: "20/s" });
  await looking;
  assert.deepEqual([summary.conclusion, summary.reasons], ["Passed", []]);
  const [down, late] = summary.faults.map(({ fired }) => fired!);
  assert.ok(down!.steps > 0 && late!.steps > 0 && down!.steps + late!.steps === 20);
  assert.deepEqual([down!.showed, late!.showed], [down!.steps, late!.steps]);
  assert.deepEqual(
    summary.putBack.map(({ fault }) => fault),
    ["late", "down"],
  );
  await isAsBefore();
});

test("what cannot begin is one line, and nothing was changed", async (t) => {
  const { run, isAsBefore } = await shop(t);
  const refusing = await serve(t, (_request, response) => {
    response
      .writeHead(400)
      .end(JSON.stringify({ status: "error", errorType: "bad_data", error: "1:4: parse error: unexpected end" }));
  });
  const fault = { name: "down", service: "reviews", abort: 503 };
  for (const [spec, said] of [
    [
      { prometheus: refusing, thresholds: [{ name: "a", prometheus: "sum(", trips: "> 1" }] },
      /^trial\.yaml: threshold "a": Prometheus refuses its query: 1:4: parse error/,
    ],
    [{ faults: [{ ...fault, service: "ratings" }] }, /^there is no Service ratings in namespace shop/],
    [{ mesh: { namespace: "other" } }, /^there is no namespace other/],
    [{ target: undefined }, /^trial\.yaml: spec\.target: .*give --target URL/],
    [{ control: false }, /^trial\.yaml: spec\.target: control: false leaves nothing to hold/],
    [{ where: "path ~" }, /^trial\.yaml: spec\.where: cannot read the selection "path ~"/],
    [{ pace: "fast" }, /^trial\.yaml: spec\.pace: .*pace "fast"/],
    [
      { faults: [{ ...fault, abort: "nine" }] },
      /spec\.faults\[0\]\.abort: must be such as 503 or grpc:UNAVAILABLE \(got "nine"\)/,
    ],
  ] as const) {
    await assert.rejects(
      () => run(spec),
      (error: Error) => {
        assert.match(error.message, said);
        assert.equal(error.message.split("\n").length, 1);
        return error.name === "OperatorError";
      },
    );
    await isAsBefore();
  }
});
