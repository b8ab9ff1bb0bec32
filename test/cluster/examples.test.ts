import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parse, parseAllDocuments, stringify } from "yaml";
import { forwardPort, podsOf } from "../../mesh/index.js";
import { faultFor, parseFaultPlan } from "../../replayer/faults/fault-plan.js";
import { type Outcome, openRun, openTape } from "../../tape/index.js";
import { prepared, ran } from "../support/chart-ground.js";
import { service } from "../support/cluster.js";
import { type Home, newHome, tapeloop } from "../support/command-line.js";
import { rendered } from "../support/helm.js";
import { simpleServiceImage } from "../support/image.js";
import { projectFolder } from "../support/project.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import { shopCalls, tapeOf } from "../support/service-tape.js";
import { tempFolder } from "../support/temp.js";
import { until } from "../support/until.js";

const folder = join(projectFolder, "examples");
const authorsFile = (name: string) => join(folder, "authors-books-frontend", name);
const bookinfoFile = (name: string) => join(folder, "bookinfo-like", name);
const bookinfo = ["productpage", "details", "reviews", "ratings"];
const recordedCalls = 30;

test("the examples, on a real mesh: the API server takes them, doctor has nothing to say, and their faults meet whom they mark", async (t) => {
  const ground = await prepared(t);
  if (ground === undefined) return;
  const { cluster, namespace, releases } = ground;
  for (const name of bookinfo) await cluster.create(service(namespace, name));
  await releases.install("library", "simple-service", {
    image: await simpleServiceImage().then(({ ref: _ref, ...image }) => image),
    services: ["frontend", "authors", "books"].map((name) => serviceOf(name, authorsFile(`${name}.yaml`))),
    mesh: { routes: false },
  });

  await t.test("whatever of them is for a cluster is taken, field for field", async () => {
    const files = manifestFiles();
    assert.deepEqual(files.map((file) => file.slice(folder.length + 1)).sort(), [
      "authors-books-frontend/faults.yaml",
      "bookinfo-like/abort-ratings.yaml",
      "demo/faults.yaml",
      "demo/mirror.yaml",
      "fence.yaml",
    ]);
    const strict = ["apply", "--dry-run=server", "--validate=strict", "--filename"];
    for (const file of files) await releases.kubectl([...strict, file]);
    const orders = ["orders-v1", "orders-v2", "orders-v2-broken"].map(
      (name) => `${join(folder, "upgrade-gate", name)}.yaml`,
    );
    const objects = await rendered("simple-service", {
      services: orders.map((file, at) => serviceOf(`orders-${at}`, file)),
    });
    await releases.kubectl([...strict, "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  });

  await t.test("doctor is silent on them, before they are applied and then", async () => {
    await releases.kubectl(["apply", "--filename", join(folder, "fence.yaml")]);
    const files = [authorsFile("faults.yaml"), bookinfoFile("abort-ratings.yaml")];
    const doctor = async (...words: string[]) => {
      const { out } = await ran(ground, ["doctor", "-n", namespace, "--json", ...words]);
      return (JSON.parse(out) as { findings: unknown[] }).findings;
    };
    assert.deepEqual(await doctor(...files), []);
    for (const file of files) await releases.kubectl(["apply", "--filename", file]);
    assert.deepEqual(await doctor(), []);
  });

  await t.test("authors a second late and books failing: those that the plan marks, and no others", async (t) => {
    const [pod] = await podsOf(cluster, namespace, { service: "frontend" });
    const way = await forwardPort(cluster, namespace, pod!.name, 8080);
    t.after(() => way.close());
    const page = async (id: string) => {
      const sentMs = performance.now();
      const answer = await fetch(`http://127.0.0.1:${way.port}/authors/1`, { headers: { "x-request-id": id } });
      return { said: `${answer.status} ${await answer.text()}`, tookMs: performance.now() - sentMs };
    };
    type Page = Awaited<ReturnType<typeof page>>;
    const untilMet = async (mark: string, isMet: (page: Page) => boolean) => {
      const pages = () => Promise.all([1, 2, 3, 4].map(() => page(`${mark}${plainId}`)));
      const met = async () => (await pages()).every(isMet);
      await until(`pages to be as for ${mark}`, met, { withinMs: 60_000, seen: pages });
    };
    await untilMet("feed0003", ({ said }) => said.includes('"books":{"failed":500}'));
    await untilMet("feed0002", ({ said, tookMs }) => tookMs >= 1_000 && !said.includes("failed"));
    await untilMet("00000000", ({ said }) => said.startsWith("200") && !said.includes("failed"));

    const home = newHome(t);
    const tape = await recordPages(t, home, way.port);
    const target = `http://127.0.0.1:${way.port}`;
    const { code, stdout, stderr } = await tapeloop(t, home, [
      ...["replay", tape, "--target", target, "--baseline", target, "--same-target"],
      ...["--faults", authorsFile("fault-plan.yaml"), "--order", "recorded", "--report", "out/"],
    ]);
    assert.equal(code, 0, stdout + stderr);
    const marks = await marksOf(tape);
    assert.ok(marks.authors.size > 0 && marks.books.size > 0, `${marks.authors.size}, ${marks.books.size} marked`);
    assertMet(join(home.folder, "out/run.db"), marks);
  });

  await t.test(
    "the experiment with reviews v4 plans the fault that its file would be, and changes nothing",
    async (t) => {
      await releases.kubectl(["delete", "--filename", bookinfoFile("abort-ratings.yaml")]);
      const experiment = parse(readFileSync(bookinfoFile("experiment.yaml"), "utf8")) as {
        spec: Record<string, unknown>;
      };
      const { hops: _hops, ...spec } = experiment.spec;
      const file = join(tempFolder(t), "experiment.yaml");
      const here = { ...spec, tape: await tapeOf(t, shopCalls), mesh: { namespace } };
      writeFileSync(file, stringify({ ...experiment, spec: here }));
      const { code, out, err } = await ran(ground, ["experiment", "plan", file]);
      assert.equal(code, 0, err);
      assert.ok(out.startsWith(`VirtualService ${namespace}/tapeloop-fault-ratings\n  + apiVersion:`), out);
      assert.match(out, /httpStatus: 503\n[\s\S]*prefix: feed0001\n/);
      assert.equal(await releases.kubectl(["get", "virtualservices", "--output=name"]), applied);
    },
  );
});

/** What is in the namespace when the other example's file was taken out. */
const applied = ["authors", "books"].map((name) => `virtualservice.networking.istio.io/${name}\n`).join("");

/** What follows a mark, or none, to make an x-request-id. */
const plainId = "-1f03-4c1e-885b-5cab4cc22fc5";

/** Calls the frontend through a recorder, under ids of which the plan always marks the same ones; gives the tape. */
async function recordPages(t: TestContext, home: Home, port: number): Promise<string> {
  const tape = join(home.folder, "tape/");
  const more = ["--mode", "inbound", "--service", "frontend", "--upstream", `http://127.0.0.1:${port}`];
  const recorder = await startRecorderProcess(t, home, { tape, more });
  for (let id = 1; id <= recordedCalls; id++) {
    const headers = { "x-request-id": `${String(id).padStart(8, "0")}${plainId}` };
    const answer = await fetch(`http://127.0.0.1:${recorder.port}/authors/${id}`, { headers });
    assert.equal(answer.status, 200, await answer.text());
  }
  await recorder.stop();
  return tape;
}

/** The Exchanges that the plan marks, by what the fault is on. */
interface Marks {
  authors: ReadonlySet<number>;
  books: ReadonlySet<number>;
}

async function marksOf(path: string): Promise<Marks> {
  const plan = parseFaultPlan(readFileSync(authorsFile("fault-plan.yaml"), "utf8"), "fault-plan.yaml");
  const marked = new Map<string, Set<number>>(plan.faults.map(({ name }) => [name, new Set()]));
  const tape = await openTape([path]);
  for await (const exchange of tape.read()) marked.get(faultFor(exchange, plan)?.name ?? "")?.add(exchange.id);
  await tape.close();
  return { authors: marked.get("slow-authors")!, books: marked.get("broken-books")! };
}

/** In both lanes under faults and in none without: pages without books for exactly the marked, no page of a marked author within a second. */
function assertMet(path: string, { authors, books }: Marks): void {
  const run = openRun(path);
  const wrong: string[] = [];
  for (const lane of ["candidate", "baseline", "candidate+faults", "baseline+faults"]) {
    const isUnderFaults = lane.endsWith("+faults");
    for (let step = 0; step < recordedCalls; step++) {
      const { exchangeId } = run.step(step)!;
      const { answer, sentMs, answeredMs } = run.outcome(step, lane)!;
      const lacksBooks = !isWhole(answer);
      if (lacksBooks !== (isUnderFaults && books.has(exchangeId))) wrong.push(`${lane} ${step}: ${lacksBooks}`);
      if (isUnderFaults && authors.has(exchangeId) && answeredMs - sentMs < 1_000)
        wrong.push(`${lane} ${step}: answered after ${answeredMs - sentMs} ms`);
    }
  }
  run.close();
  assert.deepEqual(wrong, []);
}

/** One that is as the reference's is told by that alone; a page without books says so. */
function isWhole(answer: Outcome["answer"]): boolean {
  return (
    answer.kind !== "response" || answer.body.kind !== "whole" || !Buffer.from(answer.body.bytes).includes("failed")
  );
}

/** A service as `charts/simple-service` takes it, in the one version of a behave file. */
function serviceOf(name: string, file: string): object {
  return { name, versions: [{ name: "v1", behave: parse(readFileSync(file, "utf8")) as object }] };
}

/** The examples' files of objects that an API server knows. */
function manifestFiles(): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));
  return all
    .map((name) => join(folder, name))
    .filter((file) => {
      const [first] = parseAllDocuments(readFileSync(file, "utf8"));
      const { apiVersion, kind } = (first?.toJS() ?? {}) as { apiVersion?: string; kind?: string };
      return kind !== undefined && !apiVersion!.startsWith("tapeloop.io/");
    });
}
