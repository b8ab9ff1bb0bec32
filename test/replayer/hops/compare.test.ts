import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeWebSocketFrame, webSocketOpcodes } from "../../../message/index.js";
import { collectDivergences, type StepComparison } from "../../../replayer/divergences/collect.js";
import { compareHops, type HopSources, type HopStep } from "../../../replayer/hops/compare.js";
import { redactionKey } from "../../../tape/index.js";
import { hopTape, recordedTrace, replayTrace, type SeenCall } from "../../support/hop-tape.js";

const route = "GET /product/{id}";

/** One user request through front → reviews → ratings, beginning at a time; `changes` are what the hops answer. */
interface Chain {
  headers: readonly string[];
  startMs: number;
  id: number;
  reviews?: unknown;
  ratings?: unknown;
  /** What `reviews` sends to `ratings`. */
  asked?: unknown;
  without?: readonly string[];
  more?: readonly SeenCall[];
}

function chain({ headers, startMs, id, reviews, ratings, asked, without = [], more = [] }: Chain): SeenCall[] {
  const at = (from: number, to: number) => [startMs + from, startMs + to] as const;
  const calls: SeenCall[] = [
    { service: "front", path: `/product/${id}`, at: at(0, 50), body: { id, reviews }, headers },
    { service: "reviews", path: `/reviews/${id}`, at: at(10, 40), body: reviews ?? { stars: 5 }, headers },
    {
      service: "ratings",
      path: `/ratings/${id}`,
      at: at(20, 30),
      body: ratings ?? { value: id },
      sent: asked,
      headers,
    },
  ];
  return [...calls.filter(({ service }) => !without.includes(service)), ...more];
}

/** Steps 0, 1, 2 … each an Exchange of `front` on the recorded tape. */
async function sources(
  recorded: readonly SeenCall[],
  replayed: readonly SeenCall[],
  changes: Partial<HopSources> & { baseline?: string } = {},
): Promise<HopSources> {
  const tape = await hopTape(recorded);
  const steps: HopStep[] = [];
  for await (const { id, callee, request } of tape.skim()) {
    if (callee !== "front") continue;
    steps.push({ step: steps.length, exchangeId: id, callee, route, method: request.method, path: request.path });
  }
  const { baseline, ...more } = changes;
  const contrast =
    baseline === undefined
      ? { at: 0, lane: "candidate", reference: "recorded" }
      : {
          ...{ at: 0, lane: "candidate", reference: baseline },
          control: { lane: baseline, reference: "recorded" },
        };
  return {
    ...{ run: "r1", steps, recorded: tape, replayed: await hopTape(replayed), contrasts: [contrast] },
    ...more,
  };
}

async function compared(from: HopSources): Promise<StepComparison[]> {
  const found: StepComparison[] = [];
  for await (const comparison of compareHops(from)) found.push(comparison);
  return found;
}

const recordings = (count: number) =>
  Array.from({ length: count }, (_, id) => chain({ headers: recordedTrace(id), startMs: id * 100, id })).flat();
type Carried = Parameters<typeof replayTrace>[3];
const lane = (
  name: string,
  count: number,
  changes: (id: number) => Partial<Chain> = () => ({}),
  carried: Carried = "request-id",
) =>
  Array.from({ length: count }, (_, id) =>
    chain({ headers: replayTrace("r1", id, name, carried), startMs: 10_000 + id * 100, id, ...changes(id) }),
  ).flat();

const inShort = ({ step, hop, route: at, candidate, control, above }: StepComparison) => ({
  at: `${step} ${hop} ${at}`,
  candidate: candidate.map(({ kind, place }) => `${kind} ${place}`),
  control: control?.map(({ kind, place }) => `${kind} ${place}`),
  above: above?.map(({ hop: name }) => name),
});

test("messages of a WebSocket connection below a Step are compared one by one", async () => {
  const feed = (startMs: number, headers: readonly string[], price: number): SeenCall => ({
    ...{ service: "prices", path: "/feed", at: [startMs + 10, startMs + 40], headers, status: 101 },
    answerHeaders: ["upgrade", "websocket", "connection", "upgrade", "sec-websocket-accept", "x"],
    body: Buffer.concat(
      [{ n: 1 }, { price }].map((message) =>
        encodeWebSocketFrame({ opcode: webSocketOpcodes.text, payload: Buffer.from(JSON.stringify(message)) }),
      ),
    ),
  });
  const replay = replayTrace("r1", 0, "candidate", "request-id");
  const found = await compared(
    await sources([...recordings(1), feed(0, recordedTrace(0), 7)], [...lane("candidate", 1), feed(10_000, replay, 8)]),
  );
  const { candidate } = found.find(({ hop }) => hop === "prices")!;
  assert.deepEqual(
    candidate.map(({ kind, place }) => `${kind} ${place}`),
    ["changed-value body:/1/text/price"],
  );
});

for (const carried of ["request-id", "traceparent", "baggage"] as const) {
  test(`calls below a Step are found by its ${carried}, compared, and the Step's own call is left out`, async () => {
    const changed = lane("candidate", 2, () => ({ reviews: {} }), carried);
    const found = (await compared(await sources(recordings(2), changed))).map(inShort);
    assert.deepEqual(
      found,
      [0, 1].flatMap((step) => [
        {
          at: `${step} reviews GET /reviews/{id}`,
          candidate: ["missing-field body:/stars"],
          control: undefined,
          above: ["front"],
        },
        { at: `${step} ratings GET /ratings/{id}`, candidate: [], control: undefined, above: ["front", "reviews"] },
      ]),
    );
  });
}

test("with a baseline lane, that is the reference, and the recording against it the control", async () => {
  const replayed = [
    ...lane("baseline", 1, () => ({ ratings: { value: 7 } })),
    ...lane("candidate", 1, () => ({ ratings: { value: 8 } })),
  ];
  const found = (await compared(await sources(recordings(1), replayed, { baseline: "baseline" }))).map(inShort);
  assert.deepEqual(
    found.map(({ at, candidate, control }) => [at, candidate, control]),
    [
      ["0 reviews GET /reviews/{id}", [], []],
      ["0 ratings GET /ratings/{id}", ["changed-value body:/value"], ["changed-value body:/value"]],
    ],
  );
});

test("a call that is no longer made is missing; what it made in its turn is not named too", async () => {
  const found = await compared(
    await sources(
      recordings(3),
      lane("candidate", 3, (id) => (id === 1 ? { without: ["reviews", "ratings"] } : {})),
    ),
  );
  assert.deepEqual(
    found.filter(({ step }) => step === 1),
    [
      {
        step: 1,
        exchangeId: found.find(({ step }) => step === 1)!.exchangeId,
        hop: "reviews",
        route: "GET /reviews/{id}",
        candidate: [{ kind: "missing-call", place: "hop", severity: "high", expected: "GET /reviews/1" }],
        above: [{ hop: "front", route }],
      },
    ],
  );
});

test("what is asked otherwise and answered alike is a difference of the service that was asked", async () => {
  const asking = (asked: unknown, more: Partial<Chain> = {}) => ({ asked, ...more });
  const recorded = Array.from({ length: 3 }, (_, id) =>
    chain({ headers: recordedTrace(id), startMs: id * 100, id, asked: { way: "post", number: 4711 } }),
  ).flat();
  const candidate = lane("candidate", 3, (id) =>
    id === 0
      ? asking({ way: "post", number: 5012 })
      : id === 1
        ? asking({ way: "air", number: 5012, gift: true })
        : asking({ way: "air", number: 4711 }, { ratings: { value: "none" } }),
  );
  const found = (await compared(await sources(recorded, candidate)))
    .map(inShort)
    .filter(({ at }) => /ratings/.test(at));
  assert.deepEqual(
    found.map(({ at, candidate: differences }) => [at, differences]),
    [
      ["0 ratings POST /ratings/{id}", []],
      ["1 ratings POST /ratings/{id}", ["changed-value request:body:/way", "added-field request:body:/gift"]],
      ["2 ratings POST /ratings/{id}", ["changed-type body:/value"]],
    ],
  );
});

test("a number that is sent is held against a control; of two calls of a route none is compared", async () => {
  const once = [
    ...lane("baseline", 1, () => ({ asked: { number: 1 } })),
    ...lane("candidate", 1, () => ({ asked: { number: 2 } })),
  ];
  const recorded = chain({ headers: recordedTrace(0), startMs: 0, id: 0, asked: { number: 1 } });
  const ofRatings = async (replayed: readonly SeenCall[]) =>
    (await compared(await sources(recorded, replayed, { baseline: "baseline" })))
      .map(inShort)
      .filter(({ at }) => at === "0 ratings POST /ratings/{id}")
      .map(({ candidate, control }) => [candidate, control]);
  assert.deepEqual(await ofRatings(once), [[["changed-value request:body:/number"], []]]);
  const again = (call: SeenCall): SeenCall => ({ ...call, at: [call.at[0] + 2, call.at[1] + 2] });
  const twice = once.flatMap((call) => (call.service === "ratings" ? [call, again(call)] : [call]));
  const both = [...recorded, ...recorded.filter(({ service }) => service === "ratings").map(again)];
  const found = (await compared(await sources(both, twice, { baseline: "baseline" }))).map(inShort);
  assert.deepEqual(found.find(({ at }) => at === "0 ratings POST /ratings/{id}")?.candidate, []);
});

test("a call made once more is an added one, from a baseline that did not make it, with a clean control", async () => {
  const again = (id: number): Partial<Chain> => ({
    more: [
      {
        service: "ratings",
        path: `/ratings/${id}`,
        at: [10_000 + id * 100 + 31, 10_000 + id * 100 + 35],
        body: { value: id },
        headers: replayTrace("r1", id, "candidate", "request-id"),
      },
    ],
  });
  const replayed = [...lane("baseline", 1), ...lane("candidate", 1, again)];
  const found = await compared(await sources(recordings(1), replayed, { baseline: "baseline" }));
  const ratings = found.find(({ hop }) => hop === "ratings")!;
  assert.deepEqual(ratings.candidate, [
    { kind: "added-call", place: "hop", severity: "medium", actual: "GET /ratings/0" },
  ]);
  assert.deepEqual(ratings.control, []);
});

test("ids made on the way do not keep calls apart", async () => {
  const order = (id: string, at: readonly [number, number], headers: readonly string[]): SeenCall => {
    return { service: "orders", path: `/orders/${id}`, at, body: { ok: true }, headers };
  };
  const [one, other] = ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "11111111-4f89-41d3-9a0c-0305e82c3301"];
  const recorded = chain({
    headers: recordedTrace(0),
    startMs: 0,
    id: 0,
    more: [order(one, [41, 45], recordedTrace(0))],
  });
  const headers = replayTrace("r1", 0, "candidate", "request-id");
  const replayed = chain({ headers, startMs: 10_000, id: 0, more: [order(other, [10_041, 10_045], headers)] });
  const found = await compared(await sources(recorded, replayed));
  assert.deepEqual(found.find(({ hop }) => hop === "orders")?.candidate, []);
});

test("calls of other runs, and of nobody's, are left alone", async () => {
  const foreign = chain({
    headers: replayTrace("r0", 0, "candidate", "request-id"),
    startMs: 10_010,
    id: 0,
    reviews: {},
  });
  const unmarked = chain({ headers: recordedTrace(99), startMs: 10_020, id: 0, reviews: {} });
  const found = await compared(await sources(recordings(1), [...lane("candidate", 1), ...foreign, ...unmarked]));
  assert.deepEqual(
    found.map(({ candidate }) => candidate),
    [[], []],
  );
});

test("a service that only one side has seen is not compared, and that is said", async () => {
  const warnings: string[] = [];
  const replayed = lane("candidate", 2, () => ({ without: ["ratings"] }));
  const found = await compared(await sources(recordings(2), replayed, { warn: (warning) => warnings.push(warning) }));
  assert.deepEqual([...new Set(found.map(({ hop }) => hop))], ["reviews"]);
  assert.deepEqual(warnings, [
    "hops: ratings was seen in the recording and never in the candidate lane: not compared there (no recorder, or no longer called)",
  ]);
});

test("two calls side by side are not taken for caller and callee when one side shows them apart", async () => {
  const beside = (startMs: number, from: number, to: number, headers: readonly string[]): SeenCall => {
    return { service: "details", path: "/details/0", at: [startMs + from, startMs + to], body: {}, headers };
  };
  const headers = replayTrace("r1", 0, "candidate", "request-id");
  const recorded = chain({ headers: recordedTrace(0), startMs: 0, id: 0, more: [beside(0, 12, 15, recordedTrace(0))] });
  const replayed = chain({ headers, startMs: 10_000, id: 0, more: [beside(10_000, 5, 15, headers)] });
  const found = (await compared(await sources(recorded, replayed))).map(inShort);
  assert.deepEqual(found.find(({ at }) => at.includes("details"))?.above, ["front"]);
});

test("a caller that is named is believed, whatever lies within what", async () => {
  const named = (startMs: number, headers: readonly string[]): SeenCall => {
    return {
      service: "details",
      path: "/details/0",
      at: [startMs + 12, startMs + 15],
      body: {},
      headers,
      caller: "front.shop",
    };
  };
  const headers = replayTrace("r1", 0, "candidate", "request-id");
  const recorded = chain({ headers: recordedTrace(0), startMs: 0, id: 0, more: [named(0, recordedTrace(0))] });
  const replayed = chain({ headers, startMs: 10_000, id: 0, more: [named(10_000, headers)] });
  const found = (await compared(await sources(recorded, replayed))).map(inShort);
  assert.deepEqual(found.find(({ at }) => at.includes("details"))?.above, ["front"]);
});

test("reports that came late are of the call they name, and not of a Step that is answered then", async () => {
  const trace = recordedTrace(7);
  const told = (id: number, at: readonly [number, number], headers: readonly string[]): SeenCall => {
    return {
      service: "ratings",
      path: `/ratings/${id}`,
      at,
      body: { value: id },
      headers,
      vantage: "ext-proc",
      caller: "reviews",
    };
  };
  // Two Steps of one trace; the report of the first's ratings comes when it has been answered.
  const recorded = [0, 1].flatMap((id) =>
    chain({
      ...{ headers: trace, startMs: id * 300, id, without: ["ratings"] },
      more: [told(id, id === 0 ? [90, 95] : [320, 330], trace)],
    }),
  );
  const replayed = [0, 1].flatMap((id) => {
    const headers = replayTrace("r1", id, "candidate", "request-id");
    const startMs = 10_000 + id * 300;
    return chain({
      headers,
      startMs,
      id,
      without: ["ratings"],
      more: [told(id, [startMs + 20, startMs + 30], headers)],
    });
  });
  const found = (await compared(await sources(recorded, replayed))).map(inShort);
  assert.deepEqual(
    found.filter(({ at }) => at.includes("ratings")).map(({ at, candidate, above }) => [at, candidate, above]),
    [0, 1].map((step) => [`${step} ratings GET /ratings/{id}`, [], ["front", "reviews"]]),
  );
});

test("tapes of two keys compare their secrets by class", async () => {
  const secret = (value: string) => () => ({ reviews: { password: value, stars: 5 } });
  const other = redactionKey(new Uint8Array(32).fill(9));
  const from = await sources(
    Array.from({ length: 1 }, (_, id) =>
      chain({ headers: recordedTrace(id), startMs: 0, id, ...secret("hunter2")() }),
    ).flat(),
    lane("candidate", 1, secret("hunter2")),
  );
  const same = await compared(from);
  assert.deepEqual(
    same.map(({ candidate }) => candidate),
    [[], []],
  );
  const replayed = await hopTape(lane("candidate", 1, secret("hunter2")), other);
  const found = await compared({ ...from, replayed });
  assert.deepEqual(
    found.map(({ candidate }) => candidate),
    [[], []],
  );
});

test("from tapes to report: a field that ratings lost is one divergence, at ratings", async () => {
  const count = 30;
  const replayed = [
    ...lane("baseline", count),
    ...lane("candidate", count, () => ({ ratings: {}, reviews: { stars: 5, rating: {} } })),
  ];
  const recorded = Array.from({ length: count }, (_, id) =>
    chain({ headers: recordedTrace(id), startMs: id * 100, id, reviews: { stars: 5, rating: { value: id } } }),
  ).flat();
  const baseline = lane("baseline", count, (id) => ({ reviews: { stars: 5, rating: { value: id } } }));
  const from = await sources(recorded, [...baseline, ...replayed.slice(baseline.length)], { baseline: "baseline" });
  const collector = collectDivergences({ reference: "baseline" });
  for (const { step, exchangeId } of from.steps) {
    const candidate = [
      { kind: "missing-field", place: "body:/reviews/rating/value", severity: "high", expected: String(step) },
    ] as const;
    collector.add({ step, exchangeId, hop: "front", route, candidate, control: [] });
  }
  for await (const comparison of compareHops(from)) collector.add(comparison);
  const found = collector.finish();
  assert.deepEqual(
    found.map(({ hop, route: at, place, kind, count: met, of, attribution }) => [
      hop,
      at,
      place,
      kind,
      met,
      of,
      attribution,
    ]),
    [["ratings", "GET /ratings/{id}", "body:/value", "missing-field", count, count, "version"]],
  );
  assert.deepEqual(
    found[0]!.surfaced.map(({ hop, place, count: met }) => [hop, place, met]),
    [
      ["reviews", "body:/rating/value", count],
      ["front", "body:/reviews/rating/value", count],
    ],
  );
});
