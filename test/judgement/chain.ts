import type { Consequence, HopName, JudgedCase, MeshVersion, Program, TrueChange, UserRequest } from "./case.js";
import { hopNames } from "./case.js";

/** A case in which each service calls the next and shows its answer as `inner`, down to the one that is looked at. */
export interface ChainCase {
  name: string;
  family: string;
  depth: number;
  /** What the service that is looked at answers, as a route of a behave file says it; method and path come from the case. */
  answer?: Readonly<Record<string, unknown>>;
  /** Instead of `answer`, where a behave file is too narrow: what each version answers to a path of the case. */
  program?: (version: "old" | "new") => Program;
  /** What services above answer beside `inner`, and what they do otherwise in their new version. */
  passing?: Partial<Record<HopName, PassingHop>>;
  /** What it does otherwise in its old, or its new version: as changes of a behave file, without their route. */
  oldChanges?: readonly Readonly<Record<string, unknown>>[];
  newChanges?: readonly Readonly<Record<string, unknown>>[];
  method?: "GET" | "POST";
  /** How many calls. */
  calls?: number;
  request?: (n: number) => Partial<UserRequest>;
  /** Where the change is seen first, without its hop: that is the one at the depth. */
  truth: readonly Omit<TrueChange, "hop">[];
  consequences?: readonly Consequence[];
}

/** A service above the one that is looked at. */
interface PassingHop {
  body?: Readonly<Record<string, unknown>>;
  newChanges?: readonly Readonly<Record<string, unknown>>[];
}

/** Enough for the statistics, few enough for a corpus of a hundred cases. */
const usualCalls = 30;

export function chainCase(chain: ChainCase): JudgedCase {
  const { name, family, depth, calls = usualCalls, request = () => ({}), consequences = [] } = chain;
  const path = (n: number | string) => `/${name}/${n}`;
  const hop = hopNames[depth]!;
  return {
    ...{ name, family, depth, consequences },
    old: () => meshOf(chain, "old"),
    new: () => meshOf(chain, "new"),
    traffic: Array.from({ length: calls }, (_, n) => ({
      method: chain.method ?? "GET",
      path: path(1001 + n),
      ...request(n),
    })),
    truth: chain.truth.map((change) => ({ ...change, hop })),
  };
}

/** The same case with its change at each depth. */
export function atDepths(depths: readonly number[], chain: Omit<ChainCase, "depth">): JudgedCase[] {
  return depths.map((depth) => chainCase({ ...chain, name: `${chain.name}-${depthNames[depth]!}`, depth }));
}

// No digits: a word and a number would be taken for an id, and so it should.
const depthNames = ["here", "below", "deepest"];

function meshOf(chain: ChainCase, version: "old" | "new"): MeshVersion {
  const { name, depth, answer, program, method = "GET", passing = {} } = chain;
  const path = `/${name}/{id}`;
  const named = (changes: readonly Readonly<Record<string, unknown>>[] = []) =>
    changes.map((change) => ({ route: `${method} ${path}`, ...change }));
  const mesh: MeshVersion = {};
  for (const hop of hopNames.slice(0, depth)) {
    const changes = version === "new" ? named(passing[hop]?.newChanges) : [];
    mesh[hop] = { routes: [passingRoute(hop, chain)], changes };
  }
  const own = hopNames[depth]!;
  if (program === undefined) {
    const changes = named(version === "old" ? chain.oldChanges : chain.newChanges);
    mesh[own] = { routes: [{ method, path, ...answer }], changes };
  } else mesh[own] = { program: atPath(name, program(version)) };
  return mesh;
}

/** A program asked for the paths of a case alone. */
function atPath(name: string, program: Program): Program {
  return (request, service) => (request.path.startsWith(`/${name}/`) ? program(request, service) : undefined);
}

function passingRoute(hop: HopName, { name, method = "GET", passing = {} }: ChainCase): unknown {
  const next = hopNames[hopNames.indexOf(hop) + 1]!;
  const to = `${next}/${name}/{id}`;
  return {
    method,
    path: `/${name}/{id}`,
    calls: { inner: method === "GET" ? to : { to, method } },
    body: { from: hop, id: { $from: "id" }, ...passing[hop]?.body, inner: { $call: "inner" } },
  };
}
