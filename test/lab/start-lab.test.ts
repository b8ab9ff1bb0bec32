import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { OperatorError } from "../../base/index.js";
import { type Lab, startLab, type Topology } from "../../lab/index.js";
import { behaveFile } from "../support/simple-service.js";
import { startSink } from "../support/sink.js";
import { toReviews, virtualServiceText } from "../support/virtual-service.js";

async function labOf(t: TestContext, topology: Topology): Promise<Lab> {
  const lab = await startLab(topology);
  t.after(() => lab.stop());
  return lab;
}

async function statusOf(url: URL | string, init?: RequestInit): Promise<number> {
  const answer = await fetch(url, init);
  await answer.arrayBuffer();
  return answer.status;
}

const oneReviews = { services: [{ name: "reviews" }] };

test("calls pass edge by edge from the entry to the last service, and each edge counts its own", async (t) => {
  const lab = await labOf(t, { services: [{ name: "shop" }, { name: "reviews" }, { name: "ratings" }] });
  const nested = encodeURIComponent("ratings/instant?code=201");
  const url = new URL(
    `/downstream?servers=reviews/downstream?servers=${nested},ratings/instant`,
    await lab.entry("shop"),
  );
  const answer = (await (await fetch(url)).json()) as { answers: { status: number }[] };
  assert.deepEqual(
    answer.answers.map(({ status }) => status),
    [200, 200],
  );
  const calls = ["shop", "reviews", "ratings"].map((name) => lab.observed(name).calls);
  assert.deepEqual(calls, [1, 1, 2]);
});

test("an edge gives a request id where there is none and says who calls, and the services pass the id on", async (t) => {
  const sink = await startSink(t);
  const lab = await labOf(t, { services: [{ name: "shop" }, { name: "reviews" }] });
  lab.setInboundVia("reviews", sink.url);
  const shop = await lab.entry("shop");
  await statusOf(new URL("/downstream?servers=reviews/instant", shop), {
    headers: { "x-request-id": "mine-1", "x-tapeloop-step": "4", baggage: "a=1", "x-other": "no" },
  });
  await statusOf(new URL("/downstream?servers=reviews/instant", shop));
  const [first, second] = sink.got.map(({ headers }) => headers);
  assert.equal(first?.["x-request-id"], "mine-1");
  assert.deepEqual([first?.["x-tapeloop-step"], first?.baggage, first?.["x-other"]], ["4", "a=1", undefined]);
  assert.deepEqual([first?.["x-envoy-downstream-service-cluster"], first?.host], ["shop", "reviews"]);
  assert.match(String(second?.["x-request-id"]), /^[0-9a-f-]{36}$/);
});

test("who calls is not taken from a caller outside", async (t) => {
  const sink = await startSink(t);
  const lab = await labOf(t, oneReviews);
  lab.setInboundVia("reviews", sink.url);
  const headers = { "x-envoy-downstream-service-cluster": "liar", "x-envoy-internal": "true" };
  await statusOf(await lab.entry("reviews"), { headers });
  assert.deepEqual(
    Object.keys(sink.got[0]!.headers).filter((name) => name.startsWith("x-envoy")),
    [],
  );
});

test("a mirror gets the call as Istio's Envoy copies it, and the call does not wait for it", async (t) => {
  const sink = await startSink(t, () => {});
  const yaml = virtualServiceText({ route: toReviews, mirrors: [{ destination: { host: "recorder" } }] });
  const lab = await labOf(t, {
    ...oneReviews,
    outside: { recorder: sink.url },
    virtualServices: { yaml, fileName: "m" },
  });
  const url = new URL("/echo?a=1", await lab.entry("reviews"));
  const answer = await fetch(url, {
    method: "POST",
    body: "x".repeat(300_000),
    headers: { "x-forwarded-for": "192.0.2.1" },
  });
  assert.equal((await answer.text()).length, 300_000);
  await sink.until(1);
  const { method, url: path, headers, body } = sink.got[0]!;
  assert.deepEqual([method, path, body.length], ["POST", "/echo?a=1", 300_000]);
  assert.deepEqual([headers["x-envoy-internal"], headers["x-forwarded-for"]], ["true", "192.0.2.1,127.0.0.1"]);
  assert.deepEqual([headers.host, headers["content-length"]], [url.host, "300000"]);
  assert.ok(headers["x-request-id"]);
  assert.equal(lab.observed("reviews").mirrored, 1);
});

test("a mirror that refuses or resets leaves the call untouched", async (t) => {
  const reset = await startSink(t, (response) => void response.destroy());
  const mirrors = ["refusing", "resetting"].map((host) => ({ destination: { host } }));
  const lab = await labOf(t, {
    ...oneReviews,
    outside: { refusing: "http://127.0.0.1:1", resetting: reset.url },
    virtualServices: { yaml: virtualServiceText({ route: toReviews, mirrors }), fileName: "m" },
  });
  const url = new URL("/echo", await lab.entry("reviews"));
  for (let n = 0; n < 5; n++) assert.equal(await statusOf(url, { method: "POST", body: "abc" }), 200);
  assert.equal(lab.observed("reviews").mirrored, 10);
});

test("an abort answers in Envoy's words, is not mirrored and never reaches the service", async (t) => {
  const sink = await startSink(t);
  const fault = { abort: { httpStatus: 429, percentage: { value: 100 } } };
  const mirrors = [{ destination: { host: "recorder" } }];
  const yaml = virtualServiceText({ route: toReviews, fault, mirrors });
  const lab = await labOf(t, {
    ...oneReviews,
    outside: { recorder: sink.url },
    virtualServices: { yaml, fileName: "f" },
  });
  lab.setInboundVia("reviews", sink.url);
  const answer = await fetch(await lab.entry("reviews"), { method: "POST", body: "abc" });
  assert.deepEqual([answer.status, await answer.text()], [429, "fault filter abort"]);
  const { aborted, mirrored, calls } = lab.observed("reviews");
  assert.deepEqual([aborted, mirrored, calls, sink.got.length], [1, 0, 1, 0]);
});

test("a gRPC abort is a trailers-only answer", async (t) => {
  const fault = { abort: { grpcStatus: "UNAVAILABLE", percentage: { value: 100 } } };
  const yaml = virtualServiceText({ route: toReviews, fault });
  const lab = await labOf(t, { ...oneReviews, virtualServices: { yaml, fileName: "f" } });
  const answer = await fetch(await lab.entry("reviews"), {
    method: "POST",
    headers: { "content-type": "application/grpc" },
  });
  await answer.arrayBuffer();
  assert.deepEqual([answer.status, answer.headers.get("grpc-status")], [200, "14"]);
  assert.equal(await statusOf(await lab.entry("reviews")), 200);
});

test("a delay holds the call back for at least its time, then lets it through", async (t) => {
  const lab = await labOf(t, oneReviews);
  const url = await lab.entry("reviews");
  await statusOf(url);
  const fault = { delay: { fixedDelay: "250ms", percentage: { value: 100 } } };
  assert.deepEqual(lab.setVirtualServices(virtualServiceText({ route: toReviews, fault }), "f"), []);
  const before = performance.now();
  assert.equal(await statusOf(url), 200);
  // Node's timers may fire a millisecond early.
  assert.ok(performance.now() - before >= 248);
  assert.equal(lab.observed("reviews").delayed, 1);
});

test("faults are drawn by the Step of a replay mark, so two labs with one seed fault the same Steps", async (t) => {
  const fault = { abort: { httpStatus: 503, percentage: { value: 40 } } };
  const virtualServices = { yaml: virtualServiceText({ route: toReviews, fault }), fileName: "f" };
  const statuses = async (seed: string) => {
    const lab = await labOf(t, { ...oneReviews, virtualServices, seed });
    const url = await lab.entry("reviews");
    const steps = Array.from({ length: 40 }, (_, step) => ({ "x-tapeloop-step": String(step) }));
    return Promise.all(steps.map((headers) => statusOf(url, { headers })));
  };
  const [one, same, other] = await Promise.all([statuses("a"), statuses("a"), statuses("b")]);
  assert.deepEqual(one, same);
  assert.notDeepEqual(one, other);
  assert.ok(one.includes(503) && one.includes(200));
});

test("weights spread calls over the versions, and a match on a header picks one", async (t) => {
  const version = (v: string) => ({ destination: { host: "reviews.shop.svc.cluster.local", subset: v }, weight: 50 });
  const yaml = virtualServiceText(
    { match: [{ headers: { "x-flag": { exact: "new" } } }], route: [version("v2")] },
    { route: [version("v1"), version("v2")] },
  );
  const services = ["v1", "v2"].map((v) => ({ name: "reviews", version: v, behave: behaveFile(t, { version: v }) }));
  const lab = await labOf(t, { services, virtualServices: { yaml, fileName: "w" } });
  const url = await lab.entry("reviews");
  const versionOf = async (headers: Record<string, string>) =>
    ((await (await fetch(url, { headers })).json()) as { version: string }).version;
  assert.equal(await versionOf({ "x-flag": "new" }), "v2");
  const met = await Promise.all(Array.from({ length: 40 }, (_, n) => versionOf({ "x-request-id": String(n) })));
  assert.deepEqual(new Set(met), new Set(["v1", "v2"]));
});

test("a call that no route takes is a 404, a destination that is not there a 503", async (t) => {
  const lab = await labOf(t, oneReviews);
  lab.setVirtualServices(virtualServiceText({ match: [{ uri: { exact: "/only" } }], route: toReviews }), "r");
  assert.equal(await statusOf(await lab.entry("reviews")), 404);
  lab.setVirtualServices(virtualServiceText({ route: [{ destination: { host: "nobody" } }] }), "r");
  assert.equal(await statusOf(await lab.entry("reviews")), 503);
  lab.setVirtualServices("", "none");
  assert.equal(await statusOf(await lab.entry("reviews")), 200);
});

test("an unknown field of a VirtualService starts nothing and is named", async () => {
  const yaml = virtualServiceText({ route: toReviews, retries: { attempts: 2 } });
  await assert.rejects(
    startLab({ ...oneReviews, virtualServices: { yaml, fileName: "retry.yaml" } }),
    (thrown: unknown) =>
      thrown instanceof OperatorError && /retry\.yaml:1: spec\.http\[0\]\.retries is not/.test(thrown.message),
  );
});

test("a service that cannot start is named with its own words, and no other is left running", async (t) => {
  const behave = behaveFile(t, { routs: [] });
  await assert.rejects(startLab({ services: [{ name: "shop" }, { name: "reviews", behave }] }), (thrown: unknown) => {
    assert.ok(thrown instanceof OperatorError);
    assert.match(
      thrown.message,
      /cannot start reviews .*exit code 2: simple-service: .*routs is not known; known: version, from, routes/,
    );
    return true;
  });
});

test("a service that dies is named, its calls get Envoy's 503, and the lab still stops cleanly", async (t) => {
  let told: (sentence: string) => void = () => {};
  const death = new Promise<string>((resolve) => {
    told = resolve;
  });
  const lab = await labOf(t, { services: [{ name: "shop" }, { name: "reviews" }], onDeath: told });
  const entry = await lab.entry("reviews");
  process.kill(lab.processId("reviews"), "SIGKILL");
  assert.match(await death, /^reviews \(process \d+\) died: signal SIGKILL$/);
  const answer = await fetch(entry);
  assert.deepEqual([answer.status, /connection failure/.test(await answer.text())], [503, true]);
  assert.equal(lab.observed("reviews").unreachable, 1);
  await lab.stop();
  await lab.stop();
  assert.equal(lab.deaths.length, 1);
});

test("an aborted signal ends the lab's processes and closes its edges, also while it starts", async (t) => {
  const leaving = new AbortController();
  const lab = await labOf(t, { ...oneReviews, signal: leaving.signal });
  const [entry, own] = [await lab.entry("reviews"), lab.address("reviews")];
  leaving.abort();
  await lab.stop();
  await Promise.all([refuses(entry), refuses(own)]);
  const early = new AbortController();
  const starting = startLab({ ...oneReviews, signal: early.signal });
  early.abort();
  await assert.rejects(starting);
});

test("a service nobody knows is refused by name", async (t) => {
  const lab = await labOf(t, oneReviews);
  await assert.rejects(async () => lab.entry("review"), /no service "review" in the lab; there are reviews/);
  assert.throws(() => lab.address("reviews", "v9"), /no service "reviews v9" in the lab/);
});

function refuses(url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.on("error", () => resolve());
    socket.on("connect", () => {
      socket.destroy();
      reject(new Error(`${url} still listens`));
    });
  });
}
