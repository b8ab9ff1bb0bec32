import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { propagationFindings } from "../../../cli/doctor/tape-findings.js";
import { runCommandLine } from "../../../cli/run.js";
import { type ClusterObject, ClusterRefusal, readManifests } from "../../../mesh/index.js";
import { fakeIo } from "../../support/io.js";
import { namespace, route, service, sidecarPod, virtualService } from "../../support/manifests.js";
import { serveMemoryCluster } from "../../support/memory-api.js";
import { projectFolder } from "../../support/project.js";
import { run, shopCalls, tapeOf } from "../../support/service-tape.js";
import { tempFolder } from "../../support/temp.js";

const open = {
  "tapeloop.io/allow-mirror": "true",
  "tapeloop.io/allow-faults": "true",
  "tapeloop.io/allow-replay": "false",
};
const reviews = (...http: object[]) => virtualService("reviews", ["reviews"], http);
const never = { fault: { abort: { httpStatus: 503 } }, ...route("reviews") };

async function shop(t: TestContext, ...objects: readonly object[]) {
  const { cluster, kubeconfig } = await serveMemoryCluster(t);
  const home = namespace("shop", open);
  for (const object of [home, service("reviews", { http: 80 }), sidecarPod("reviews"), ...objects]) {
    await cluster.create(object as ClusterObject);
  }
  const doctor = async (...words: string[]) => {
    const io = fakeIo();
    const code = await runCommandLine(["doctor", ...words, "--kubeconfig", kubeconfig], io);
    return { code, stdout: io.out(), stderr: io.err() };
  };
  return { cluster, doctor };
}

/** A file of these objects. */
function fileOf(t: TestContext, ...objects: readonly object[]): string {
  const path = join(tempFolder(t), "manifests.yaml");
  writeFileSync(path, objects.map((object) => stringify(object)).join("---\n"));
  return path;
}

test("doctor ends with 0 where nothing is wrong, and with 1 and the finding where something is", async (t) => {
  const { cluster, doctor } = await shop(t, reviews(route("reviews")));
  const good = await doctor("-n", "shop");
  assert.deepEqual([good.code, good.stderr], [0, ""]);
  assert.match(good.stdout, /^1 note:\n {2}TL0804 {2}Namespace shop\n[\s\S]*\nnothing stands in the way\n$/);
  const ref = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };
  await cluster.replace({ ...(await cluster.read(ref))!, spec: (reviews(never) as ClusterObject).spec });
  const bad = await doctor("-n", "shop");
  assert.equal(bad.code, 1);
  assert.match(
    bad.stdout,
    /^1 error:\n {2}TL0101 {2}VirtualService shop\/reviews spec\.http\[0\]\.fault\.abort\n {10}this abort has no percentage, so it never fires\n {10}fix: /,
  );
  const { counts, findings } = JSON.parse((await doctor("-n", "shop", "--json")).stdout);
  assert.deepEqual(counts, { error: 1, unknown: 0, warning: 0, note: 1 });
  assert.deepEqual(findings[0].place, {
    ...{ kind: "VirtualService", namespace: "shop", name: "reviews", path: "spec.http[0].fault.abort" },
  });
});

test("files are looked at as if they were applied already", async (t) => {
  const { cluster, doctor } = await shop(t, reviews(never));
  const put = fileOf(t, reviews({ ...never, fault: { abort: { httpStatus: 503, percentage: { value: 5 } } } }));
  assert.equal((await doctor("-n", "shop", put)).code, 0);
  const another = fileOf(t, virtualService("again", ["reviews.shop.svc.cluster.local"], [route("reviews")]));
  const { stdout } = await doctor("-n", "shop", another);
  assert.match(stdout, /TL0201 {2}VirtualService shop\/again spec\.hosts\[0\] \(.*manifests\.yaml:\d+\)/);
  assert.equal((await cluster.list({ apiVersion: "networking.istio.io/v1", kind: "VirtualService" })).length, 1);
});

test("files alone need no cluster, and what cannot be told from them is said", async (t) => {
  const path = fileOf(t, reviews(never));
  const { exitCode, stdout } = await run(["doctor", path]);
  assert.equal(exitCode, 1);
  assert.match(stdout, /TL0101 {2}VirtualService shop\/reviews .*manifests\.yaml:\d+\)/);
  assert.match(
    stdout,
    /not looked for: hosts that nobody serves \(no Service of namespace shop is among the files\)\n/,
  );
  assert.doesNotMatch(stdout, /nothing stands in the way/);
});

test("the examples are found to be good", async () => {
  const folder = join(projectFolder, "examples");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((name) => /\.ya?ml$/.test(name) && /^kind: VirtualService$/m.test(readFileSync(name, "utf8")))
    .filter((name) => isManifests(name));
  assert.ok(files.length >= 3, `${files.length} files`);
  for (const file of files) {
    const { exitCode, stdout } = await run(["doctor", file]);
    assert.match(stdout, /^nothing stands in the way\n/, file);
    assert.equal(exitCode, 0);
  }
});

/** Templates of other tools hold objects, too, which are none before they are filled in. */
function isManifests(file: string): boolean {
  try {
    return readManifests(readFileSync(file, "utf8"), file).length > 0;
  } catch {
    return false;
  }
}

test("what a cluster would not show makes it end with 3, unless something is wrong anyway", async (t) => {
  const { cluster, doctor } = await shop(t, reviews(route("reviews")));
  const list = cluster.list.bind(cluster);
  cluster.list = async (which) => {
    if (which.kind === "Pod") throw new ClusterRefusal(403, "pods is forbidden");
    return list(which);
  };
  const unknown = await doctor("-n", "shop");
  assert.equal(unknown.code, 3);
  assert.match(unknown.stdout, /^2 checks that could not be made:\n {2}TL0001 {2}Namespace shop\n/);
  assert.doesNotMatch(unknown.stdout, /nothing stands in the way/);
  assert.equal((await doctor("-n", "shop", fileOf(t, reviews(never)))).code, 1);
});

test("what cannot be looked at at all is one line", async (t) => {
  const { cluster, doctor } = await shop(t);
  const text = join(tempFolder(t), "notes.yaml");
  writeFileSync(text, "- just\n- notes\n");
  mkdirSync(`${text}.d`);
  for (const [words, said] of [
    [["-n", "shopp"], /^tapeloop: there is no namespace shopp in the cluster at http/],
    [["-n", "shop", text], /^tapeloop: cannot use .*notes\.yaml:1: is no Kubernetes object/],
    [["-n", "shop", "nowhere.yaml"], /^tapeloop: cannot read nowhere\.yaml: ENOENT/],
    [["-n", "shop", `${text}.d`], /^tapeloop: cannot read .*EISDIR/],
    [["-n", "shop", "--tape", "/nowhere/tape.db"], /^tapeloop: cannot open tape "\/nowhere\/tape\.db"/],
  ] as const) {
    const { code, stdout, stderr } = await doctor(...words);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, said);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  }
  cluster.list = async () => {
    throw new ClusterRefusal(404, "404 page not found");
  };
  const { code, stderr } = await doctor("-n", "shop");
  assert.deepEqual(
    [code, stderr],
    [
      2,
      "tapeloop: cannot look at namespace shop: the cluster does not know this kind of object; are its CRDs (Istio, Gateway API) installed?\n",
    ],
  );
});

test("a tape says who drops what", async (t) => {
  const { doctor } = await shop(t, reviews(route("reviews")));
  const good = await doctor("-n", "shop", "--tape", await tapeOf(t, shopCalls));
  assert.equal(good.code, 0, good.stdout);
  const dropping = shopCalls.map((call) => (call.service === "stock" ? { ...call, id: "another-request-17" } : call));
  const bad = await doctor("-n", "shop", "--tape", await tapeOf(t, dropping));
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /TL0901 {2}Tape .* shop\n {10}shop does not pass on x-request-id: /);
  const alone = await doctor("-n", "shop", "--tape", await tapeOf(t, shopCalls.slice(0, 1)));
  assert.equal(alone.code, 3);
  assert.match(alone.stdout, /TL0902 {2}Tape /);
});

test("a tape tells of bodies that some proxies do not mirror", async (t) => {
  const { doctor } = await shop(t, reviews(route("reviews")));
  const withBody = async (bytes: number) => {
    const [checkout, ...others] = shopCalls;
    const calls = [{ ...checkout!, body: new Uint8Array(bytes).fill(97) }, ...others];
    return (await doctor("-n", "shop", "--tape", await tapeOf(t, calls))).stdout;
  };
  assert.match(await withBody(2 ** 20 + 1), /TL0306 {2}Tape .* Exchange \d+\n {10}a request of more than 1MiB/);
  assert.doesNotMatch(await withBody(2 ** 20), /TL0306/);
});

test("a service that passes nothing on in some of its calls is named, too", () => {
  const place = { kind: "Tape", name: "tape/" };
  const passing = { service: "shop", judged: 1, fields: [], untied: { count: 2, examples: [3, 4] } };
  assert.deepEqual(
    propagationFindings([passing], place).map(({ id, place: at }) => [id, at.path]),
    [["TL0901", "shop"]],
  );
});
