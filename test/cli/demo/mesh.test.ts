import assert from "node:assert/strict";
import { test } from "node:test";
import { demoFile, demoVirtualServices, serviceNames } from "../../../cli/demo/mesh.js";
import { planTraffic, sendTraffic } from "../../../cli/demo/traffic.js";
import { startLab } from "../../../lab/index.js";
import { explainFaults, parseVirtualServices, warningsOf } from "../../../virtual-service/index.js";

async function labWith(reviews: string) {
  const services = serviceNames.map((name) => ({
    name,
    behave: demoFile(name === "reviews" ? reviews : `${name}.yaml`),
  }));
  return startLab({ services });
}

async function jsonAt(url: URL): Promise<{ status: number; body: Record<string, Record<string, unknown>> }> {
  const answer = await fetch(url);
  return { status: answer.status, body: (await answer.json()) as Record<string, Record<string, unknown>> };
}

test("the demo's shop answers every call of the demo's traffic, through all three services", async (t) => {
  const lab = await labWith("reviews-v1.yaml");
  t.after(() => lab.stop());
  await sendTraffic(planTraffic(60), await lab.entry("shop"), "shop", t.signal);
  const calls = serviceNames.map((name) => lab.observed(name).calls);
  assert.equal(calls[0], 60);
  assert.ok(
    calls.every((count) => count > 10),
    calls.join(),
  );
});

test("the upgrade changes what the demo says it does", async (t) => {
  const [old, young] = await Promise.all([labWith("reviews-v1.yaml"), labWith("reviews-v2.yaml")]);
  t.after(() => Promise.all([old.stop(), young.stop()]));
  const [oldShop, newShop] = await Promise.all([old.entry("shop"), young.entry("shop")]);
  const [before, after] = await Promise.all([oldShop, newShop].map((shop) => jsonAt(new URL("/products/7", shop))));
  const { stars, servedAt: _a, ...rest } = before!.body.review!;
  const { servedAt: _b, ...now } = after!.body.review!;
  assert.equal(typeof stars, "number");
  assert.deepEqual(now, rest);
  assert.deepEqual(after!.body.item, before!.body.item);
  const ratings = await Promise.all(
    Array.from(
      { length: 40 },
      async (_, id) => (await jsonAt(new URL(`/products/${id}/rating`, newShop))).body.rating!.failed,
    ),
  );
  assert.deepEqual(new Set(ratings), new Set([undefined, 500]));
});

test("the demo's VirtualServices are within the subset, without warnings", () => {
  const all = ["mirror.yaml", "faults.yaml"].flatMap((name) => {
    const { yaml, fileName } = demoVirtualServices(name);
    return parseVirtualServices(yaml, fileName);
  });
  assert.deepEqual(warningsOf(all), []);
  assert.deepEqual(all.flatMap(explainFaults), [
    "catalog: delays a call by 80 ms, 20% of them",
    "catalog: answers a call with 503 itself, 10% of them",
  ]);
});
