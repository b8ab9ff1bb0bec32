import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inertUnder, withFault } from "../../mesh/fault/fault-routes.js";
import { decide, parseVirtualServices, typedFault } from "../../virtual-service/index.js";

const route = [{ destination: { host: "ratings" } }];
const abort = typedFault("abort", "503")!;
const delay = typedFault("delay", "2s")!;

describe("the routes of a service with a fault", () => {
  test("have a twin before each, for requests that carry the mark in either way", () => {
    const [twin, itself] = withFault([{ route, timeout: "3s" }], {
      name: "down",
      faults: [delay, abort],
      mark: "deadbeef",
      percent: 100,
    });
    assert.deepEqual(itself, { route, timeout: "3s" });
    assert.deepEqual(twin, {
      route,
      timeout: "3s",
      name: "tapeloop-fault-down-0",
      match: [
        { headers: { "x-request-id": { prefix: "deadbeef" } } },
        { headers: { baggage: { regex: "(.*,)?\\s*tapeloop\\.fault=down\\s*(,.*)?" } } },
      ],
      fault: {
        delay: { fixedDelay: "2s", percentage: { value: 100 } },
        abort: { httpStatus: 503, percentage: { value: 100 } },
      },
    });
  });

  test("have one for a share of all where no mark is asked for, of those callers alone that are named", () => {
    const routes = withFault([{ name: "r", route }], {
      name: "slow",
      faults: [delay],
      percent: 50,
      from: { app: "web" },
    });
    assert.deepEqual(routes[0], {
      name: "tapeloop-fault-slow-r",
      route,
      match: [{ sourceLabels: { app: "web" } }],
      fault: { delay: { fixedDelay: "2s", percentage: { value: 50 } } },
    });
    assert.equal("match" in withFault([{ route }], { name: "slow", faults: [delay], percent: 50 })[0]!, false);
  });

  test("make exactly the marked requests fail, by what a VirtualService means", () => {
    const spec = {
      hosts: ["ratings"],
      http: withFault([{ route }], { name: "down", faults: [abort], mark: "deadbeef", percent: 100 }),
    };
    const [written] = parseVirtualServices(
      JSON.stringify({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name: "a" }, spec }),
      "a.yaml",
    );
    const aborted = (headers: Record<string, string>) => {
      const decision = decide([written!], { host: "ratings", method: "GET", path: "/", headers }, () => 0);
      return decision.kind === "route" && decision.fault.abort !== undefined;
    };
    for (const headers of [
      { "x-request-id": "deadbeef-1f03-4c1e-885b-5cab4cc22fc5" },
      { baggage: "tapeloop.fault=down" },
      { baggage: "a=1,tapeloop.fault=down ,b=2" },
    ]) {
      assert.ok(aborted(headers), JSON.stringify(headers));
    }
    for (const headers of [
      {},
      { "x-request-id": "6db69b60-1f03-deadbeef" },
      { baggage: "tapeloop.fault=downtown" },
      { baggage: "my-tapeloop.fault=down" },
      { baggage: "tapeloop_fault=down" },
    ]) {
      assert.ok(!aborted(headers), JSON.stringify(headers));
    }
  });
});

test("what Istio switches off under a fault is said", () => {
  assert.deepEqual(inertUnder([{ route }]), []);
  assert.match(
    inertUnder([
      { route, retries: {} },
      { route, timeout: "1s" },
    ])[0]!,
    /^retries and timeout of its routes/,
  );
});
