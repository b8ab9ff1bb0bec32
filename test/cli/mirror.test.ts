import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { ClusterRefusal } from "../../mesh/index.js";
import { recorderService, service, virtualService } from "../support/cluster.js";
import { fakeIo } from "../support/io.js";
import { serveMemoryCluster } from "../support/memory-api.js";

const reviews = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };

/** A shop with a service `reviews`, and the command line before it. */
async function shop(t: TestContext, labels: Record<string, string> = {}) {
  const { cluster, kubeconfig } = await serveMemoryCluster(t);
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(service("shop", "reviews"));
  await cluster.create(virtualService("shop", "reviews"));
  await cluster.create(recorderService());
  const run = async (...words: string[]) => {
    const io = fakeIo();
    const code = await runCommandLine([...words, "--kubeconfig", kubeconfig], io);
    return { code, stdout: io.out(), stderr: io.err() };
  };
  return { cluster, run };
}
const open = { "tapeloop.io/allow-mirror": "true", "tapeloop.io/allow-faults": "true" };
const on = ["mirror", "on", "reviews", "--to", "recorder.tapeloop:8080"];

test("a mirror is turned on, shown, and turned off without a trace", async (t) => {
  const { cluster, run } = await shop(t, open);
  const before = await cluster.read(reviews);
  assert.deepEqual(await run(...on), {
    code: 0,
    stdout: "reviews is mirrored to recorder.tapeloop:8080; put back with: tapeloop mirror off reviews -n shop\n",
    stderr: "",
  });
  assert.match(
    (await run("mirror", "status")).stdout,
    /^shop\/reviews: all requests of reviews to recorder.tapeloop.svc.cluster.local:8080, 2 routes; since 20.* by tester\n {2}from shop to \S+:8080: what was sent and lost is not known: no pod there that could send has a sidecar\n$/,
  );
  assert.match((await run(...on)).stdout, /already; nothing was changed/);
  assert.match(
    (await run("mirror", "off", "reviews")).stdout,
    /^VirtualService shop\/reviews: put back, read back and compared: as it was\n$/,
  );
  const now = await cluster.read(reviews);
  assert.deepEqual([now!.spec, now!.metadata.annotations], [before!.spec, undefined]);
  assert.equal((await run("mirror", "status")).stdout, "nothing is mirrored\n");
});

test("requests to other hosts, and delegated ones, are said to be left out, by on and by status", async (t) => {
  const { cluster, run } = await shop(t, open);
  const now = (await cluster.read(reviews))!;
  const pages = { match: [{ uri: { prefix: "/page" } }], delegate: { name: "pages" } };
  const { http } = now.spec as { http: object[] };
  await cluster.replace({ ...now, spec: { hosts: ["reviews", "shop.example.com"], http: [pages, ...http] } });
  const without = "requests with path /page…, which it delegates to VirtualService pages in namespace shop";
  const notes = [
    "tapeloop: note: VirtualService reviews is for shop.example.com, too: calls to it are left as they are",
    `tapeloop: note: VirtualService reviews leaves out ${without}`,
  ];
  assert.deepEqual((await run(...on)).stderr.trim().split("\n"), notes);
  assert.match(
    (await run("mirror", "status")).stdout,
    /all requests of reviews to [^;]*, 2 routes; without (.*); since/,
  );
  assert.ok((await run("mirror", "status")).stdout.includes(without));
  const fault = await run("fault", "on", "reviews", "--abort", "503", "--mark", "deadbeef");
  assert.deepEqual(fault.stderr.trim().split("\n").slice(1), notes);
  assert.equal((await run("fault", "off", "reviews")).code, 0);
  assert.equal((await run("mirror", "off", "reviews")).code, 0);
  assert.deepEqual(((await cluster.read(reviews))!.spec as { http: object[] }).http, [pages, ...http]);
});

test("a share of whole traces is asked for by request id", async (t) => {
  const { cluster, run } = await shop(t, open);
  assert.equal((await run(...on, "--sample", "25%")).code, 0);
  const { http } = (await cluster.read(reviews))!.spec as { http: { match: { headers: Record<string, unknown> }[] }[] };
  assert.deepEqual(http[2]!.match[0]!.headers["x-request-id"], { regex: ".*[0-3][0-9a-fA-F]{3}" });
  assert.match((await run("mirror", "status", "--json")).stdout, /"narrowed": true/);
});

test("what cannot be done is one line, and nothing is changed", async (t) => {
  const { cluster, run } = await shop(t);
  const before = await cluster.read(reviews);
  for (const [words, said] of [
    [on, /namespace shop is not open for this: it has no label tapeloop.io\/allow-mirror/],
    [["mirror", "on", "reviews", "--to", "http://x"], /--to: must be SERVICE.NAMESPACE:PORT/],
    [["mirror", "on", "reviews"], /--to <recorder> is needed/],
    [["mirror", "off"], /name a service, or give --all/],
    [["mirror", "on", "--to", "recorder"], /name a service, or give --hops/],
    [[...on, "--hops"], /name a service, or give --hops/],
    [[...on, "--vantage", "inbound"], /--vantage/],
    [[...on, "--vantage", "ext-proc", "--sample", "1%"], /--sample and --match choose copies; .*record --sample/],
    [[...on, "--wait", "soon"], /--wait: must be a duration/],
    [[...on, "--sample", "200%"], /--sample: must be a share/],
    [[...on, "--match", "reviews"], /--match: must be the beginning of a path/],
  ] as const) {
    const { code, stderr } = await run(...words);
    assert.equal(code, 2);
    assert.match(stderr, said);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  }
  assert.deepEqual(await cluster.read(reviews), before);
});

test("--hops mirrors every service that can be, says which were left out, and comes off as a whole", async (t) => {
  const { cluster, run } = await shop(t, open);
  const before = await cluster.read(reviews);
  await cluster.create(service("shop", "ratings"));
  const spec = { selector: { app: "db" }, ports: [{ name: "mysql", port: 3306 }] };
  await cluster.create({ apiVersion: "v1", kind: "Service", metadata: { name: "db", namespace: "shop" }, spec });
  const hops = ["mirror", "on", "--hops", "--to", "recorder.tapeloop:8080"];
  assert.deepEqual(await run(...hops), {
    code: 0,
    stdout:
      "ratings is mirrored to recorder.tapeloop:8080\nreviews is mirrored to recorder.tapeloop:8080\n" +
      "db is not mirrored: it has no port that speaks HTTP\nput back with: tapeloop mirror off --all -n shop\n",
    stderr: "",
  });
  assert.match((await run(...hops)).stdout, /^ratings is mirrored to recorder.tapeloop:8080 already\n/);
  assert.equal((await run("mirror", "off", "--all")).code, 0);
  assert.deepEqual((await cluster.read(reviews))!.spec, before!.spec);
  assert.equal((await run("mirror", "status")).stdout, "nothing is mirrored\n");
});

test("by ext-proc a filter and a rule are made, with all that loses no calls, and --emit prints them", async (t) => {
  const { cluster, run } = await shop(t, open);
  const ports = [{ name: "grpc", port: 50051 }];
  await cluster.replace({ ...recorderService(), spec: { selector: { app: "recorder" }, ports } });
  const words = ["mirror", "on", "reviews", "--to", "recorder.tapeloop:50051", "--vantage", "ext-proc"];
  const printed = (await run(...words, "--emit", "yaml")).stdout;
  assert.match(
    printed,
    /kind: EnvoyFilter\n[\s\S]*name: tapeloop-ext-proc-reviews[\s\S]*context: SIDECAR_INBOUND[\s\S]*failure_mode_allow: true/,
  );
  assert.match(printed, /key: x-tapeloop-hop\n\s+value: reviews/);
  assert.match(printed, /kind: DestinationRule\n[\s\S]*http2MaxRequests: 100000[\s\S]*workloadSelector:/);
  assert.deepEqual(await cluster.list({ apiVersion: "", kind: "EnvoyFilter" }), [], "nothing is changed");
  assert.match(
    (await run(...words)).stdout,
    /^reviews is mirrored by ext-proc to recorder.tapeloop:50051; put back with/,
  );
  assert.match(
    (await run("mirror", "status")).stdout,
    /all requests and answers of reviews, by ext-proc, to .*; since 20/,
  );
  assert.match(
    (await run("mirror", "off", "reviews")).stdout,
    /DestinationRule shop\/\S+: made by us, deleted\nEnvoyFilter/,
  );
  assert.deepEqual(await cluster.list({ apiVersion: "", kind: "EnvoyFilter" }), []);
});

test("a mirror that is waited for and not seen to work stays on, and ends with 3", async (t) => {
  const { run } = await shop(t, open);
  const { code, stdout, stderr } = await run(...on, "--wait", "10ms");
  assert.equal(code, 3);
  assert.match(stdout, /^reviews is mirrored to/);
  assert.match(
    stderr,
    /^tapeloop: the mirror is on and stays on, and within 0.01 s nothing proved it: no pod in namespace shop has a sidecar.*\n$/,
  );
});

test("--emit prints what would be changed, and changes nothing", async (t) => {
  const { cluster, run } = await shop(t);
  const before = await cluster.read(reviews);
  const { code, stdout } = await run(...on, "--emit", "kustomize");
  assert.equal(code, 0);
  assert.match(stdout, /^apiVersion: kustomize.config.k8s.io\/v1beta1\nkind: Kustomization\npatches:\n/);
  assert.match(
    (await run(...on, "--emit", "yaml")).stdout,
    /^apiVersion: networking.istio.io\/v1\nkind: VirtualService\n[\s\S]*mirrors:/,
  );
  assert.deepEqual(await cluster.read(reviews), before);
});

test("--emit is the way for what Helm manages, with no other option", async (t) => {
  const { cluster, run } = await shop(t, open);
  const now = (await cluster.read(reviews))!;
  const labels = { "app.kubernetes.io/managed-by": "Helm" };
  await cluster.replace({ ...now, metadata: { ...now.metadata, labels } });
  const fault = ["fault", "on", "reviews", "--abort", "503", "--mark", "deadbeef"];
  for (const words of [on, fault, ["mirror", "on", "--hops", "--to", "recorder.tapeloop:8080"]]) {
    assert.match((await run(...words)).stderr, /managed by Helm, .*: take --emit yaml or --emit kustomize/);
    const { code, stdout, stderr } = await run(...words, "--emit", "kustomize");
    assert.deepEqual([code, /^ {6}name: reviews$/m.test(stdout)], [0, true], stderr);
  }
});

test("faults are turned on for marked calls or a share, listed, and turned off without a trace", async (t) => {
  const { cluster, run } = await shop(t, open);
  const before = (await cluster.read(reviews))!.spec;
  const marked = await run(
    "fault",
    "on",
    "reviews",
    "--abort",
    "503",
    "--delay",
    "100ms",
    "--name",
    "down",
    "--mark",
    "deadbeef",
  );
  assert.deepEqual(
    [marked.code, marked.stderr],
    [
      0,
      "tapeloop: note: retries and timeout of its routes are not obeyed for requests that meet the fault (Istio switches them off)\n",
    ],
  );
  assert.match(
    marked.stdout,
    /^fault down on reviews: delays a call by 100 ms, then answers a call with 503 itself, for calls marked deadbeef; put back with/,
  );
  assert.equal(
    (await run("fault", "on", "reviews", "--abort", "grpc:UNAVAILABLE", "--share", "50%", "--from", "app=web")).code,
    0,
  );
  assert.equal((await run("fault", "list")).stdout.trim().split("\n").length, 2);
  assert.match((await run("fault", "list", "--json")).stdout, /"service": "reviews"/);
  assert.equal((await run("fault", "off", "--all")).stdout.trim().split("\n").length, 2);
  assert.deepEqual((await cluster.read(reviews))!.spec, before);
  assert.equal((await run("fault", "list")).stdout, "no fault of ours is on\n");
});

test("a fault that says too little or too much is one line", async (t) => {
  const { run } = await shop(t, open);
  for (const [words, said] of [
    [["--mark", "deadbeef"], /say what it does: --delay or --abort/],
    [["--abort", "503"], /say which calls meet it/],
    [["--abort", "503", "--mark", "deadbeef", "--share", "5%"], /say which calls meet it/],
    [["--abort", "50x", "--share", "5%"], /--abort: must be such as 503 or grpc:UNAVAILABLE \(got "50x"\)/],
    [["--delay", "soon", "--share", "5%"], /--delay: must be such as 2s/],
    [["--abort", "503", "--mark", "DEADBEEF"], /--mark: must be eight hex digits/],
    [["--abort", "503", "--share", "5%", "--from", "web"], /--from: must be a label/],
  ] as const) {
    const { code, stderr } = await run("fault", "on", "reviews", ...words);
    assert.equal(code, 2);
    assert.match(stderr, said);
  }
});

test("a namespace that is not there is one line, and not all well", async (t) => {
  const { cluster, run } = await shop(t, open);
  const empty = [["mirror", "off", "--all"], ["fault", "off", "--all"], ["mirror", "off", "reviews"], ["restore"]];
  const listing = [
    ["fault", "list"],
    ["fault", "list", "--json"],
    ["mirror", "status"],
    ["restore", "--dry-run"],
  ];
  for (const words of [...empty, ...listing]) {
    const { code, stdout, stderr } = await run(...words, "-n", "shpo");
    assert.deepEqual([code, stdout], [2, ""], words.join(" "));
    assert.match(stderr, /^tapeloop: there is no namespace shpo in the cluster at \S+\n$/);
    assert.equal((await run(...words, "-n", "shop")).code, 0);
  }
  const { read } = cluster;
  cluster.read = (ref) =>
    ref.kind === "Namespace" ? Promise.reject(new ClusterRefusal(403, "forbidden")) : read.call(cluster, ref);
  assert.match(
    (await run("restore", "-n", "shpo")).stdout,
    /^the journal is empty: .*, as far as is known: whether there is a namespace shpo may not be read\n$/,
  );
});

test("a fault that somebody has taken out, or changed, is not listed as one that is on", async (t) => {
  const { cluster, run } = await shop(t, open);
  const before = (await cluster.read(reviews))!;
  await run("fault", "on", "reviews", "--abort", "503", "--mark", "deadbeef");
  const on = (await cluster.read(reviews))!;
  assert.match((await run("fault", "list")).stdout, / by tester\n$/);
  const text = JSON.stringify(on.spec).replace('"httpStatus":503', '"httpStatus":500');
  const changed = await cluster.replace({ ...on, spec: JSON.parse(text) as object });
  assert.match(
    (await run("fault", "list")).stdout,
    /; NOT all there as it was turned on: .*fault off reviews -n shop\n$/,
  );
  await cluster.replace({ ...changed, spec: before.spec });
  assert.match((await run("fault", "list")).stdout, /; NOT on: somebody has taken it out since; .* reviews -n shop\n$/);
  assert.match((await run("fault", "list", "--json")).stdout, /"standing": "gone"/);
  assert.match((await run("mirror", "off", "reviews")).stdout, /no such mirror; nothing/);
  assert.match(
    (await run("fault", "off", "ratings")).stdout,
    /no such fault \(of faults it knows those of reviews\); n/,
  );
  assert.equal((await run("fault", "off", "reviews")).code, 0);
  assert.equal((await run("fault", "list")).stdout, "no fault of ours is on\n");
});

test("a recorder that is not there, or has no such port, is refused; where that may not be read it is said", async (t) => {
  const { cluster, run } = await shop(t, open);
  for (const [to, said] of [
    ["recorder.tapeloop:9999", /Service recorder in namespace tapeloop has no port 9999 \(it has 8080, 8081\)/],
    ["tape.tapeloop:8080", /there is no Service tape in namespace tapeloop/],
  ] as const) {
    for (const which of [["reviews"], ["--hops"], ["reviews", "--emit", "yaml"]]) {
      const { code, stdout, stderr } = await run("mirror", "on", ...which, "--to", to);
      assert.deepEqual([code, stdout, stderr.trim().split("\n").length], [2, "", 1], stderr);
      assert.match(stderr, said);
    }
  }
  const { read } = cluster;
  cluster.read = (ref) =>
    ref.namespace === "tapeloop" ? Promise.reject(new ClusterRefusal(403, "forbidden")) : read.call(cluster, ref);
  const { code, stderr } = await run(...on);
  assert.equal(code, 0);
  assert.match(stderr, /^tapeloop: note: Service recorder.tapeloop.svc.cluster.local may not be read from here: .*\n$/);
});

test("restore says what it would do, and does it", async (t) => {
  const { cluster, run } = await shop(t, open);
  const before = (await cluster.read(reviews))!.spec;
  await run(...on);
  assert.match((await run("restore", "--dry-run")).stdout, /^shop: mirror reviews to .*: would be put back\n$/);
  assert.match(
    (await run("restore", "--all")).stdout,
    /^shop: mirror reviews to .*\n {2}VirtualService shop\/reviews: put back, read back and compared: as it was\n$/,
  );
  assert.deepEqual((await cluster.read(reviews))!.spec, before);
  assert.equal((await run("restore")).stdout, "the journal is empty: nothing of ours is in the way\n");
});
