import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { RunSummary } from "../../tape/index.js";
import { type Home, newHome, tapeloop } from "../support/command-line.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import { shopPassword, shopTogether, startShop } from "../support/shop.js";

/** Six interleaved sessions, recorded inline with what is redacted unasked. */
async function recordedShop(t: TestContext): Promise<Home> {
  const home = newHome(t);
  const more = ["--mode", "inbound", "--upstream", `http://127.0.0.1:${await startShop(t)}`, "--service", "shop"];
  const recorder = await startRecorderProcess(t, home, { tape: "tape.db", more });
  await shopTogether(recorder.port);
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
  return { ...home, env: { ...home.env, SHOP_PASSWORD: shopPassword } };
}

const credentials = [
  ...["--credential", "form:password=env:SHOP_PASSWORD"],
  ...["--credential", "body:/password=env:SHOP_PASSWORD"],
  ...["--credential", "body:/email=stand-in"],
];

async function replayShop(t: TestContext, home: Home, words: readonly string[]) {
  const all = ["replay", "tape.db", "--allow-writes", "--json", ...words];
  const { code, stdout, stderr } = await tapeloop(t, home, all);
  const summary = stdout === "" ? undefined : (JSON.parse(stdout) as RunSummary);
  return { code, stderr, summary };
}

const isNoise = ({ attribution }: RunSummary["divergences"][number]) => /noise/.test(attribution);

function assertCarried(found: Awaited<ReturnType<typeof replayShop>>): RunSummary {
  const { code, stderr, summary } = found;
  assert.ok(summary, stderr);
  const real = summary.divergences.filter((one) => !isNoise(one));
  assert.deepEqual(
    real.map(({ route, place, kind, examples }) => ({ route, place, kind, examples })),
    [],
  );
  assert.deepEqual(summary.notSent, {});
  assert.equal(summary.live, 1);
  assert.equal(summary.verdict, "passed", summary.reasons.join("; "));
  assert.equal(code, 0);
  return summary;
}

test("a shop with sessions, tokens, carts and orders of its own each run is replayed without a false divergence", async (t) => {
  const home = await recordedShop(t);

  const bare = await replayShop(t, home, ["--target", `http://127.0.0.1:${await startShop(t)}`]);
  assert.equal(bare.code, 2);
  assert.match(bare.stderr, /no recorded answer gave the live value of .*form:password in 3 calls/);
  assert.match(bare.stderr, /--credential '[^']+=env:NAME'/);

  for (const order of ["causal", "recorded", "serial"]) {
    const target = ["--target", `http://127.0.0.1:${await startShop(t)}`, "--order", order];
    const { sent, carried, order: certificate } = assertCarried(await replayShop(t, home, [...target, ...credentials]));
    assert.ok(sent > 80, `${sent} sent`);
    assert.equal(certificate.violated, 0);
    assert.equal(carried?.carried, carried?.links, `${order}: every consumer got its live value`);
    assert.ok(carried!.links > 200, `${carried!.links} links`);
  }

  const off = await replayShop(t, home, [
    ...["--target", `http://127.0.0.1:${await startShop(t)}`, "--no-carry", "--skip-redacted"],
    ...credentials,
  ]);
  assert.notEqual(off.code, 0, "with carrying off it fails");
});

test("two lanes of a shop have values of their own each", async (t) => {
  const home = await recordedShop(t);
  const lanes = [
    ...["--baseline", `http://127.0.0.1:${await startShop(t)}`],
    ...["--target", `http://127.0.0.1:${await startShop(t)}`],
  ];
  const { carried } = assertCarried(await replayShop(t, home, [...lanes, ...credentials]));
  assert.equal(carried?.carried, 2 * carried!.links, "in both lanes");
});

test("an order that is not made blocks what needs it, and says so", async (t) => {
  const home = await recordedShop(t);
  const target = ["--target", `http://127.0.0.1:${await startShop(t, { SHOP_BREAKS: "orders" })}`];
  const { code, stderr, summary } = await replayShop(t, home, [...target, "--order", "serial", ...credentials]);
  assert.ok(summary, stderr);
  assert.equal(code, 1, "the order that failed is a divergence");
  const real = summary.divergences.filter((one) => !isNoise(one));
  assert.ok(real.some(({ route, kind }) => route === "POST /orders" && kind === "status"));
  // Each of the nine orders is read once and paid once; three of them were never made.
  assert.equal(summary.notSent.blocked, 6);
  assert.deepEqual(new Set(summary.blocked?.map(({ producerRoute }) => producerRoute)), new Set(["POST /orders"]));
  assert.equal(
    real.filter(({ route }) => /pay/.test(route)).length,
    0,
    "no second divergence for what follows from the first",
  );
});
