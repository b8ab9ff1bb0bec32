import assert from "node:assert/strict";
import { test } from "node:test";
import { type Hop, HopGraph, type HopTree, readPropagation, readTrees } from "../../../tape/index.js";
import { allOf } from "../../support/captured.js";
import { hopTape, recordedTrace, type SeenCall } from "../../support/hop-tape.js";

/** A user request through shop, stock and price; `passes`: ids are passed on. */
function request(n: number, atMs: number, passes: boolean): SeenCall[] {
  const trace = (hop: number) => recordedTrace(passes ? n : n + hop * 10_000);
  const call = (service: string, hop: number, from: number, to: number, caller?: string): SeenCall => ({
    service,
    path: `/${service}/${n + 4000}`,
    at: [atMs + from, atMs + to],
    body: {},
    headers: trace(hop),
    ...(caller !== undefined && { caller }),
  });
  return [call("shop", 0, 0, 100), call("stock", 1, 10, 60, "shop.default"), call("price", 2, 20, 40, "stock.default")];
}

const inWords = (hop: Hop): string =>
  `${hop.call.best.request.path} ${hop.join.kind}${hop.children.map((child) => ` [${inWords(child)}]`).join("")}`;
const treesInWords = (trees: readonly HopTree[]) => trees.flatMap(({ roots }) => roots.map(inWords)).sort();

test("a tape is read in stretches, and the trees are the same as at once", async () => {
  const calls = Array.from({ length: 60 }, (_, n) => request(n, n * 1_000, true)).flat();
  const tape = await hopTape(calls);
  const atOnce = await allOf(readTrees(tape));
  const inStretches = await allOf(readTrees(tape, { headsAtATime: 10 }));
  assert.equal(atOnce.length, 60);
  assert.equal(atOnce[0]!.calls, 3);
  assert.equal(inWords(atOnce[0]!.roots[0]!), "/shop/4000 entry [/stock/4000 exact [/price/4000 exact]]");
  assert.deepEqual(treesInWords(inStretches), treesInWords(atOnce));
});

test("where nothing is passed on and calls overlap, values tell which made which", async () => {
  const tape = await hopTape([...request(1, 0, false), ...request(2, 5, false), ...request(3, 10, false)]);
  const trees = await allOf(readTrees(tape));
  assert.deepEqual(
    treesInWords(trees),
    [1, 2, 3].map((n) => `/shop/${n + 4000} entry [/stock/${n + 4000} inferred [/price/${n + 4000} inferred]]`),
  );
});

test("the graph counts each call once, with failures and durations", async () => {
  const failing = request(2, 1000, true).map((call) => (call.service === "price" ? { ...call, status: 500 } : call));
  const tape = await hopTape([...request(1, 0, true), ...failing]);
  const graph = new HopGraph();
  for await (const tree of readTrees(tape)) graph.add(tree);
  const edges = graph.edges();
  assert.deepEqual(
    edges.map(({ caller, callee, calls, failed, joins }) => [caller, callee, calls, failed, joins.exact]),
    [
      [undefined, "shop", 2, 0, 0],
      ["shop", "stock", 2, 0, 2],
      ["stock", "price", 2, 1, 2],
    ],
  );
  const { p50, p99 } = edges[2]!.durationMs!;
  assert.ok(Math.abs(p50 - 20) < 0.5 && Math.abs(p99 - 20) < 0.5, `${p50} ${p99}`);
});

test("what each service passes on is told with examples", async () => {
  const some = request(1, 0, true).map((call) => {
    const given = [...call.headers, "baggage", "user=7,tenant=3"];
    return { ...call, headers: call.service === "price" ? call.headers : given };
  });
  const tape = await hopTape([...some, ...request(2, 1000, false)]);
  const services = await readPropagation(readTrees(tape), tape);
  assert.deepEqual(
    services.map(({ service, judged, fields }) => [
      service,
      judged,
      fields.map(({ field, carried, dropped }) => [field, carried, dropped]),
    ]),
    [
      [
        "shop",
        2,
        [
          ["x-request-id", 2, 1],
          ["baggage", 1, 0],
        ],
      ],
      [
        "stock",
        2,
        [
          ["x-request-id", 2, 1],
          ["baggage", 1, 1],
        ],
      ],
    ],
  );
  const [example] = services[1]!.fields[1]!.examples;
  assert.equal(example!.was, "tenant,user");
  assert.equal(example!.became, undefined);
});
