import { type HopName, hopNames, type JudgedCase, type MeshVersion } from "../case.js";
import { atDepths, chainCase } from "../chain.js";
import { idOf, json } from "../services/programs.js";
import { shelf } from "../services/shelf.js";
import { book } from "./book.js";

const version = "version" as const;

/** A service that asks another of something it did not ask before, and shows nothing of it. */
function extraCall(name: string, depth: number): JudgedCase {
  const next = hopNames[depth + 1]!;
  const base = chainCase({
    ...{ name, depth, family: "extra downstream call", answer: { body: book } },
    newChanges: [{ calls: { audit: `${next}/${name}/audit/{id}` } }],
    truth: [],
  });
  // The audit is there in both versions, and called in both by the traffic of its own route.
  const asked = chainCase({
    ...{ name: `${name}/audit`, depth: depth + 1, family: "", answer: { body: { audited: true } }, truth: [] },
  });
  return {
    ...base,
    old: () => merged(base.old(), asked.old()),
    new: () => merged(base.new(), asked.new()),
    traffic: [...base.traffic, ...asked.traffic.slice(0, 10)],
    truth: [
      {
        ...{ hop: next, places: ["hop"], kinds: ["added-call"], attribution: version },
        route: new RegExp(`^GET /${name}/audit/`),
      },
    ],
  };
}

/** A service that no longer asks another, though it answers as before. */
function lostCall(name: string, depth: number): JudgedCase {
  const next = hopNames[depth + 1]!;
  const base = chainCase({
    ...{ name, depth, family: "missing write", method: "POST" as const },
    answer: {
      status: 201,
      body: { ...book, kept: true },
      calls: { keep: { to: `${next}/${name}/log/{id}`, method: "POST" } },
    },
    newChanges: [{ sharePercent: 50, calls: { keep: null } }],
    truth: [],
  });
  const log: MeshVersion = {
    [next]: { routes: [{ method: "POST", path: `/${name}/log/{id}`, status: 201, body: { logged: true } }] },
  };
  return {
    ...base,
    old: () => merged(base.old(), log),
    new: () => merged(base.new(), log),
    truth: [
      {
        ...{ hop: next, places: ["hop"], kinds: ["missing-call"], attribution: version },
        route: new RegExp(`^POST /${name}/log/`),
      },
    ],
  };
}

/** What is posted is kept two services below, and read again; the new version answers 201 and keeps nothing. */
function lostWrite(): JudgedCase {
  const name = "order-lost";
  const path = `/${name}/{id}`;
  const middle = (keeps: boolean) => ({
    routes: [
      {
        ...{ method: "POST", path, status: 201, body: { accepted: "{id}" } },
        calls: keeps ? { keep: { to: `back${path}`, method: "POST", body: { of: "{id}", books: 2 } } } : {},
      },
      { path, calls: { inner: `back${path}` }, body: { from: "middle", inner: { $call: "inner" } } },
    ],
  });
  const front = {
    routes: [
      {
        ...{ method: "POST", path, status: 201 },
        calls: { inner: { to: `middle${path}`, method: "POST" } },
        body: { from: "front", inner: { $call: "inner" } },
      },
      { path, calls: { inner: `middle${path}` }, body: { from: "front", inner: { $call: "inner" } } },
    ],
  };
  const ids = Array.from({ length: 25 }, (_, n) => 1001 + n);
  return {
    ...{ name, family: "missing write", depth: 2, oneUser: true },
    old: () => ({ front, middle: middle(true), back: shelf(name) }),
    new: () => ({ front, middle: middle(false), back: shelf(name) }),
    traffic: ids.flatMap((id) => [{ method: "POST", path: `/${name}/${id}` }, { path: `/${name}/${id}` }]),
    truth: [
      { hop: "back", route: /^POST /, places: ["hop"], kinds: ["missing-call"], attribution: version },
      { hop: "back", route: /^GET /, places: ["status"], kinds: ["status"], attribution: version },
    ],
    consequences: [{ hop: "back", places: ["body:/id", "body:/order", "body:/error"] }],
  };
}

/** The service at a depth asks the next one, which fails for some; the old version passes that on, the new one hides it. */
function swallowed(name: string, depth: number): JudgedCase {
  const next = hopNames[depth + 1]!;
  const chain = chainCase({
    ...{ name, depth, family: "error swallowed into 200" },
    program: (which) => async (request, service) => {
      const inner = await service.peers.call(
        { to: `${next}/${name}/stock/${idOf(request)}`, method: "GET" },
        request.headers,
      );
      const failed = inner.kind === "failure" || inner.status >= 500;
      if (failed && which === "old") return json({ error: "stock does not answer" }, {}, 502);
      return json({ id: idOf(request), inStock: failed ? 0 : 7 });
    },
    truth: [{ places: ["status"], kinds: ["status"], attribution: version }],
    consequences: [{ hop: hopNames[depth]!, places: ["body:/error", "body:/id", "body:/inStock"] }],
  });
  const path = `/${name}/stock/{id}`;
  const stock: MeshVersion = {
    [next]: {
      routes: [{ path, body: { left: 7 } }],
      changes: [{ route: `GET ${path}`, sharePercent: 40, status: 503, body: { error: "busy" } }],
    },
  };
  return { ...chain, old: () => merged(chain.old(), stock), new: () => merged(chain.new(), stock) };
}

/** The caller asks for another tenant's record: what it asks answers as it should. */
function askedForOther(): JudgedCase {
  const name = "asked-other-tenant";
  const front = (tenant: string) => ({
    routes: [
      {
        path: `/${name}/{id}`,
        calls: { inner: `middle/${name}/${tenant}/{id}` },
        body: { from: "front", inner: { $call: "inner" } },
      },
    ],
  });
  const middle = {
    routes: [
      { path: `/${name}/{tenant}/{id}`, body: { tenant: { $from: "tenant" }, total: { $number: [10, 90000] } } },
    ],
  };
  return {
    ...{ name, family: "wrong tenant", depth: 0 },
    old: () => ({ front: front("{header:x-tenant}"), middle }),
    new: () => ({ front: front("globex"), middle }),
    traffic: Array.from({ length: 30 }, (_, n) => ({
      path: `/${name}/${1001 + n}`,
      headers: { "x-tenant": n % 2 === 0 ? "acme" : "initech" },
    })),
    truth: [
      { hop: "front", places: ["body:/inner/tenant"], kinds: ["changed-value"], attribution: version },
      { hop: "front", places: ["body:/inner/total"], kinds: ["changed-value"], attribution: version },
    ],
    // That the other record was asked for may be said too.
    consequences: [{ hop: "middle", places: ["hop"] }],
  };
}

/** A service tells the next one something, and shows nothing of it. */
interface Told {
  name: string;
  depth: number;
  /** What the new version tells beside or instead, and where: by the old one's path otherwise. */
  body?: Readonly<Record<string, unknown>>;
  path?: string;
  place: string;
  kind: string;
}

/** What it tells is another thing in its new version, and answered as before. Time and chance are in it each time. */
function askedOtherwise({ name, depth, body = {}, path = "{id}", place, kind }: Told): JudgedCase {
  const next = hopNames[depth + 1]!;
  const told = { order: "{id}", way: "post", at: { $now: "iso" }, nonce: { $random: [1, 1_000_000] } };
  const telling = (at: string, sent: Readonly<Record<string, unknown>>) => ({
    calls: { tell: { to: `${next}/${name}/tell/${at}`, method: "POST", body: sent } },
  });
  const base = chainCase({
    ...{ name, depth, family: "asked otherwise", truth: [] },
    answer: { body: book, ...telling("{id}", told) },
    newChanges: [telling(path, { ...told, ...body })],
    request: (n) => ({ headers: { "x-shelf": String(40 + 7 * n) } }),
  });
  const shelves: MeshVersion = {
    [next]: { routes: [{ method: "POST", path: `/${name}/tell/{shelf}`, body: { told: true } }] },
  };
  return {
    ...base,
    old: () => merged(base.old(), shelves),
    new: () => merged(base.new(), shelves),
    truth: [
      {
        ...{ hop: next, places: [place], kinds: [kind], attribution: version },
        route: new RegExp(`^POST /${name}/tell/`),
      },
    ],
  };
}

export function merged(one: MeshVersion, other: MeshVersion): MeshVersion {
  const mesh: MeshVersion = { ...one };
  for (const hop of Object.keys(other) as HopName[]) {
    const [mine = {}, added = {}] = [one[hop], other[hop]];
    mesh[hop] = {
      ...mine,
      ...added,
      routes: [...(mine.routes ?? []), ...(added.routes ?? [])],
      changes: [...(mine.changes ?? []), ...(added.changes ?? [])],
    };
  }
  return mesh;
}

/** Changes of what is asked of others, of time, and of how errors are passed on. */
export const callCases: readonly JudgedCase[] = [
  extraCall("looked-up", 0),
  extraCall("looked-up-below", 1),
  lostCall("journal", 0),
  lostCall("journal-below", 1),
  askedOtherwise({
    name: "told-more",
    depth: 0,
    body: { gift: true },
    place: "request:body:/gift",
    kind: "added-field",
  }),
  askedOtherwise({
    name: "told-otherwise",
    depth: 1,
    body: { way: "air" },
    place: "request:body:/way",
    kind: "changed-value",
  }),
  askedOtherwise({
    name: "told-elsewhere",
    depth: 0,
    path: "{header:x-shelf}",
    place: "request:path/3",
    kind: "changed-value",
  }),
  lostWrite(),
  swallowed("swallowed", 0),
  swallowed("swallowed-below", 1),
  askedForOther(),
  ...atDepths([0, 1, 2], {
    name: "slower",
    family: "slow-down",
    answer: { body: book, delayMs: { $number: [0, 4] } },
    newChanges: [{ delayMs: 600 }],
    truth: [{ places: ["timing"], kinds: ["slower"], attribution: version }],
  }),
  ...atDepths([0], {
    name: "flaky-now",
    family: "flaky 1 % errors",
    calls: 300,
    answer: { body: book },
    newChanges: [{ sharePercent: 1, drawnBy: "path", status: 503 }],
    truth: [{ places: ["status"], kinds: ["status"], attribution: version }],
  }),
  ...atDepths([0, 2], {
    name: "flakier",
    family: "flaky 1 % errors",
    calls: 80,
    answer: { body: book },
    oldChanges: [{ sharePercent: 10, drawnBy: "request", status: 503 }],
    newChanges: [{ sharePercent: 60, drawnBy: "request", status: 503 }],
    truth: [{ places: ["status"], kinds: ["status"], attribution: version }],
  }),
];
