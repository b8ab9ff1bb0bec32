import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { destinationsText } from "../../../cli/replay/namespace/destinations-view.js";
import { byAuthorityOf } from "../../../cli/replay/namespace/plan.js";
import { carriedSettings } from "../../../cli/replay/namespace/request-files.js";
import { namespaceWish } from "../../../cli/replay/namespace.js";
import { replaySettings } from "../../../cli/replay.js";
import { runCommandLine } from "../../../cli/run.js";
import { fakeIo } from "../../support/io.js";
import { serveMemoryCluster } from "../../support/memory-api.js";
import { type MadeCall, shopCalls, tapeOf } from "../../support/service-tape.js";
import { tempFolder } from "../../support/temp.js";

const settings = (changes: Record<string, unknown>) =>
  replaySettings.parse({ tapes: ["tape/"], namespace: "staging", ...changes });
const wish = (changes: Record<string, unknown>) => namespaceWish(settings(changes));

test("namespaces become the lanes' targets, which their owners have said are tests", () => {
  const { namespace, sendFrom, image, settings } = wish({ baselineNamespace: "copy" });
  assert.deepEqual([namespace, sendFrom, image.startsWith("tapeloop:")], ["staging", "job", true]);
  assert.deepEqual(
    [settings.target, settings.baseline, settings.targetIsATest],
    ["namespace staging", "namespace copy", true],
  );
});

test("--from is a place where it cannot be a time, and a time with --send-from", () => {
  const local = wish({ from: "local" });
  assert.deepEqual([local.sendFrom, local.settings.from], ["local", undefined]);
  const both = wish({ from: "2026-01-31", sendFrom: "local" });
  assert.deepEqual([both.sendFrom, both.settings.from], ["local", "2026-01-31"]);
  assert.throws(() => wish({ from: "local", sendFrom: "job" }), /contradict each other/);
});

test("what makes no sense with a namespace, or without one, is refused", async (t) => {
  assert.throws(() => wish({ target: "http://a" }), /--target cannot go with -n/);
  assert.throws(() => wish({ baseline: "http://a" }), /--baseline cannot go with -n: give --baseline-namespace/);
  assert.throws(() => wish({ lane: ["a=http://b"] }), /--lane cannot go with -n/);
  assert.throws(() => wish({ isolate: "reviews" }), /--isolate cannot go with -n/);
  assert.throws(() => wish({ baselineNamespace: "staging" }), /--baseline-namespace is staging, too/);
  assert.throws(() => wish({ follow: true }), /--follow works on this machine alone: send from here with --from local/);
  assert.throws(() => wish({ lanes: "sequential", resetCommand: "x" }), /--reset-command works on this machine alone/);
  assert.equal(wish({ follow: true, from: "local" }).settings.follow, true);
  assert.throws(() => wish({ keepHost: true }), /--keep-host would lead calls out of the namespace: .* --from local/);
  assert.equal(wish({ keepHost: true, from: "local" }).settings.keepHost, true);
  const tape = await tapeOf(t, shopCalls);
  for (const flag of [["--map", "a=b"], ["--unfenced"], ["--image", "a"], ["--baseline-namespace", "b"]]) {
    const io = fakeIo();
    assert.equal(await runCommandLine(["replay", tape, "--target", "http://127.0.0.1:1", ...flag], io), 2);
    assert.match(io.err(), new RegExp(`${flag[0]} goes with -n NAMESPACE`));
  }
});

test("files that settings name are carried under their own names, and of the environment what credentials name", (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "plan.yaml"), "faults: []");
  writeFileSync(
    join(folder, "who.yaml"),
    "credentials: [{ place: a, from: { oauth: { clientSecret: { env: SECRET } } } }]",
  );
  const io = { ...fakeIo(), folder, env: { TOKEN: "t", SECRET: "s", HOME: "/root" } };
  const given = settings({
    faults: "plan.yaml",
    credentials: "who.yaml",
    credential: ["header:x=env:TOKEN", "body:/a=stand-in"],
  });
  const carried = carriedSettings(given, io, "/secrets");
  assert.deepEqual(
    [carried.settings.faults, carried.settings.credentials, carried.settings.rules],
    ["/secrets/faults-plan.yaml", "/secrets/credentials-who.yaml", undefined],
  );
  assert.deepEqual(
    carried.files.map(({ name }) => name),
    ["faults-plan.yaml", "credentials-who.yaml"],
  );
  assert.deepEqual(carried.env, { TOKEN: "t", SECRET: "s" });
  assert.equal(given.faults, "plan.yaml");
  assert.throws(
    () => carriedSettings(settings({ credential: ["header:x=command:pass a"] }), io, "/s"),
    /had on this machine alone/,
  );
  writeFileSync(join(folder, "who.yaml"), "credentials: [{ place: a, from: { command: pass a } }]");
  assert.throws(() => carriedSettings(settings({ credentials: "who.yaml" }), io, "/s"), /had on this machine alone/);
  assert.throws(() => carriedSettings(settings({ rules: "none.yaml" }), io, "/s"), /--rules none.yaml: cannot be read/);
  writeFileSync(join(folder, "ca.pem"), "a certificate");
  const secured = carriedSettings(settings({ targetCa: "ca.pem" }), io, "/secrets");
  assert.equal(secured.settings.targetCa, "/secrets/targetCa-ca.pem");
  assert.equal(String(secured.files[0]!.bytes), "a certificate");
  assert.throws(
    () => carriedSettings(settings({ targetKey: "none.pem" }), io, "/s"),
    /--target-key none.pem: cannot be/,
  );
});

test("the table says where each recorded host goes, in each namespace, and what was said by hand", () => {
  const to = (authority: string, namespace: string, byHand = false) => ({
    ...{ authority, namespace, service: "reviews", byHand, url: `http://reviews.${namespace}.svc:9080` },
    port: { number: 9080, isTls: false, targetPort: 9080 },
  });
  const destinations = [to("reviews", "next"), to("shop.example", "next", true), to("reviews", "old")];
  assert.equal(
    destinationsText(destinations),
    "reviews       →  next/reviews:9080\nshop.example  →  next/reviews:9080  (--map)\nreviews       →  old/reviews:9080\n",
  );
  const targets = destinations.map((one) => ({ ...one, target: { url: one.url } }));
  assert.deepEqual(byAuthorityOf(["next", "old", "bare"], targets), {
    "namespace bare": {},
    "namespace next": {
      reviews: { url: "http://reviews.next.svc:9080" },
      "shop.example": { url: "http://reviews.next.svc:9080" },
    },
    "namespace old": { reviews: { url: "http://reviews.old.svc:9080" } },
  });
});

async function shop(t: TestContext, labels: Record<string, string>, calls: readonly MadeCall[] = shopCalls) {
  const { cluster, kubeconfig } = await serveMemoryCluster(t);
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  const tape = await tapeOf(t, calls);
  return async (...words: string[]) => {
    const io = fakeIo();
    const code = await runCommandLine(["replay", tape, "-n", "shop", "--kubeconfig", kubeconfig, ...words], io);
    return { code, out: io.out(), err: io.err() };
  };
}

function refusalOf({ code, out, err }: { code: number; out: string; err: string }): string {
  assert.deepEqual([code, out], [2, ""]);
  return err;
}

test("a namespace that is not open, and a host that it has no Service for, are refused before anything is made", async (t) => {
  const closed = await shop(t, {});
  assert.match(
    refusalOf(await closed()),
    /namespace shop is not open for this: it has no label tapeloop.io\/allow-replay/,
  );
  const open = await shop(t, { "tapeloop.io/allow-replay": "true" });
  assert.match(
    refusalOf(await open()),
    /calls were recorded to mail:9080, and it has no Service of that name; it has none at all/,
  );
  assert.match(refusalOf(await open("--map", "mail")), /--map "mail": write RECORDED=SERVICE/);
  assert.match(refusalOf(await open("--map", "mail=post")), /--map mail=post: namespace shop has no such Service/);
  assert.match(refusalOf(await open("--baseline-namespace", "other")), /there is no namespace other/);
});

test("a host whose every call carries a secret is one that calls go to; where none is chosen, that is said", async (t) => {
  const labels = { "tapeloop.io/allow-replay": "true" };
  const headers = ["authorization", "Bearer eyJ0b2tlbiI6IjEyMzQ1Njc4OTAifQ"];
  const secret = await shop(t, labels, [{ service: "shop", path: "/checkout/4711", at: [0, 100], headers }]);
  const { err } = await secret();
  assert.match(err, /calls were recorded to shop:9080, and it has no Service of that name/);
  const none = await secret("--where", 'path = "/nothing"', "--from", "local", "--unfenced");
  assert.deepEqual(
    [none.code, none.out.split("\n")[0]],
    [3, "Inconclusive: nothing was sent: no call on the tape was selected"],
  );
});
