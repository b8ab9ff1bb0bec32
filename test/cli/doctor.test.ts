import assert from "node:assert/strict";
import { test } from "node:test";
import { run, shopCalls, tapeOf } from "../support/service-tape.js";

test("doctor propagation ends with 0, 1 or 3, and names who drops what", async (t) => {
  const good = await run(["doctor", "propagation", await tapeOf(t, shopCalls)]);
  assert.equal(good.exitCode, 0);
  assert.match(
    good.stdout,
    /^shop: passes on what it is given \(1 of its calls looked into\)\n {2}x-request-id {2}passed on in 1 of 1 \(100 %\)/,
  );
  const dropping = shopCalls.map((call) => (call.service === "stock" ? { ...call, id: "another-request-17" } : call));
  const bad = await run(["doctor", "propagation", await tapeOf(t, dropping)]);
  assert.equal(bad.exitCode, 1);
  assert.match(bad.stdout, /^shop: drops x-request-id/);
  assert.match(
    bad.stdout,
    /in Exchange \d+ it was 6db69b60-.*, in Exchange \d+, made for it, it was another-request-17/,
  );
  const alone = await run(["doctor", "propagation", await tapeOf(t, shopCalls.slice(0, 1))]);
  assert.equal(alone.exitCode, 3);
  assert.match(alone.stdout, /^cannot tell/);
});

test("as JSON it gives counts and examples for each service", async (t) => {
  const dropping = shopCalls.map((call) => (call.service === "stock" ? { ...call, id: "another-request-17" } : call));
  const { stdout } = await run(["doctor", "propagation", await tapeOf(t, dropping), "--json"]);
  const [shop] = JSON.parse(stdout).services;
  assert.deepEqual([shop.service, shop.judged, shop.drops], ["shop", 1, ["x-request-id"]]);
  assert.equal(shop.fields[0].examples[0].became, "another-request-17");
});

test("a tape that is not there is refused in one line", async () => {
  const { exitCode, stderr } = await run(["doctor", "propagation", "/nowhere/tape.db"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^tapeloop: cannot open tape "\/nowhere\/tape.db": no such file or folder\n$/);
});
