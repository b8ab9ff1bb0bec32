import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { wishesOfPlan } from "../../cli/fault/plan.js";
import { runCommandLine } from "../../cli/run.js";
import { service, virtualService } from "../support/cluster.js";
import { fakeIo } from "../support/io.js";
import { serveMemoryCluster } from "../support/memory-api.js";
import { tempFolder } from "../support/temp.js";

const choice = { namespace: "shop", evenIfManaged: false };
const planFile = (t: TestContext, text: string) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "plan.yaml"), text);
  return folder;
};
const down = '{ name: down, mark: "feed0001", on: ratings, abort: 503, from: app=reviews }';
const slow = '{ name: slow, mark: "feed0002", on: ratings, delay: 2s, abort: grpc:UNAVAILABLE }';

test("each fault of a plan becomes one on the service that it names, for its mark", (t) => {
  const folder = planFile(t, `faults: [${down}, ${slow}]`);
  const wishes = wishesOfPlan("plan.yaml", choice, { folder });
  assert.deepEqual(
    wishes.map(({ name, service: on, mark, percent, from, faults }) => ({
      ...{ name, on, mark, percent, from },
      faults: faults.map(({ written }) => written),
    })),
    [
      {
        name: "down",
        on: "ratings",
        mark: "feed0001",
        percent: 100,
        from: { app: "reviews" },
        faults: [{ httpStatus: 503 }],
      },
      {
        ...{ name: "slow", on: "ratings", mark: "feed0002", percent: 100, from: undefined },
        faults: [{ fixedDelay: "2s" }, { grpcStatus: "UNAVAILABLE" }],
      },
    ],
  );
});

test("a plan that leaves open what its faults do is refused by the entry", (t) => {
  const of = (fault: string) => () => wishesOfPlan("plan.yaml", choice, { folder: planFile(t, `faults: [${fault}]`) });
  assert.throws(
    of('{ name: a, mark: "feed0001" }'),
    /plan.yaml: faults\[0\]: "a" does not say what it does: add on: SERVICE/,
  );
  assert.throws(of('{ name: a, mark: "feed0001", abort: 503 }'), /faults\[0\]: .* add on: SERVICE/);
  assert.throws(of('{ name: a, mark: "feed0001", on: b }'), /it is on b, and does not say what it does/);
  assert.throws(
    of('{ name: a, mark: "feed0001", on: b, abort: 9 }'),
    /faults\[0\].abort: must be such as 503 .*got "9"/,
  );
  assert.throws(of('{ name: a, mark: "feed0001", on: b, abort: 503, from: c }'), /faults\[0\].from: must be a label/);
  assert.throws(() => wishesOfPlan("none.yaml", choice, { folder: "/nowhere" }), /cannot read faults from none.yaml/);
});

async function shop(t: TestContext, plan: string) {
  const { cluster, kubeconfig } = await serveMemoryCluster(t);
  const labels = { "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(service("shop", "ratings"));
  await cluster.create(virtualService("shop", "ratings"));
  const folder = planFile(t, plan);
  const run = async (...words: string[]) => {
    const io = { ...fakeIo(), folder };
    const code = await runCommandLine(["fault", ...words, "--kubeconfig", kubeconfig], io);
    return { code, stdout: io.out(), stderr: io.err() };
  };
  const read = () =>
    cluster.read({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "ratings" });
  return { run, read };
}

test("a plan's faults come on together, two of them on one service, and go off together", async (t) => {
  const { run, read } = await shop(t, `faults: [${down}, ${slow}]`);
  const before = await read();
  const { code, stdout, stderr } = await run("on", "--plan", "plan.yaml");
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^fault down on ratings.*feed0001\nfault slow on ratings.*feed0002\nput back with: tapeloop fault off --all -n shop\n$/,
  );
  const { http } = (await read())!.spec as { http: { name?: string; match?: { headers: object }[] }[] };
  const twins = http.filter(({ name }) => name?.startsWith("tapeloop-fault-"));
  assert.deepEqual(
    twins.map(({ name, match }) => [name!.split("-")[2], match!.map(({ headers }) => Object.keys(headers).join())]),
    [
      ["slow", ["end-user,x-request-id", "end-user,baggage"]],
      ["down", ["end-user,x-request-id", "end-user,baggage"]],
      ["slow", ["x-request-id", "baggage"]],
      ["down", ["x-request-id", "baggage"]],
    ],
  );
  assert.equal((await run("off", "--all")).code, 0);
  assert.deepEqual([(await read())!.spec, (await read())!.metadata.annotations], [before!.spec, undefined]);
});

test("when one of a plan's faults cannot be on, none is", async (t) => {
  const { run, read } = await shop(t, `faults: [${down}, { name: b, mark: "feed0002", on: nobody, abort: 503 }]`);
  const before = await read();
  const { code, stdout, stderr } = await run("on", "--plan", "plan.yaml");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /there is no Service nobody in namespace shop/);
  assert.deepEqual((await read())!.spec, before!.spec);
  assert.equal((await run("list")).stdout, "no fault of ours is on\n");
  assert.match((await run("on", "ratings", "--plan", "plan.yaml")).stderr, /--plan says which faults there are/);
  assert.match((await run("on")).stderr, /name the service that is called, or give --plan/);
});
