import { hopNames, type JudgedCase, type MeshVersion, type Program, type TrueChange } from "../case.js";
import { idOf, json } from "../services/programs.js";

/** What the plan of this batch aborts: half of all user requests, where they come to call this service. */
export const abortedCalls = { mark: "fa017ed0", to: "back" } as const;

/** What a service does when the one it calls fails. */
type WhenFailed = "passes on" | "hides" | "answers 500";

interface FaultCase {
  name: string;
  family: string;
  /** Whether the caller of the aborted service is the first one, or the one below it. */
  callerDepth: 0 | 1;
  old: WhenFailed;
  new: WhenFailed;
  /** A field that the new version of the first service has beside. */
  newField?: boolean;
  truth: readonly TrueChange[];
}

const stopped = (name: string): TrueChange => ({
  hop: "back",
  route: new RegExp(`/${name}/`),
  places: ["hop"],
  kinds: ["missing-call"],
  attribution: "fault",
});
const status = (hop: TrueChange["hop"], attribution: TrueChange["attribution"]): TrueChange => ({
  ...{ hop, places: ["status"], kinds: ["status"], attribution },
  surfaces: /^(status|body.*)$/,
});

/** Half of the users' requests meet a fault, in lanes of their own. */
export const faultCases: readonly JudgedCase[] = [
  // Nothing of the version's: both do the same under the fault.
  faultCase({
    name: "both-hide",
    family: "fault",
    callerDepth: 1,
    old: "hides",
    new: "hides",
    truth: [stopped("both-hide")],
  }),
  faultCase({
    ...{ name: "both-pass-on", family: "fault", callerDepth: 1, old: "passes on", new: "passes on" },
    truth: [stopped("both-pass-on")],
  }),
  faultCase({
    ...{ name: "new-fails", family: "interaction", callerDepth: 1, old: "hides", new: "answers 500" },
    truth: [stopped("new-fails"), status("middle", "interaction")],
  }),
  faultCase({
    ...{ name: "new-hides", family: "interaction", callerDepth: 1, old: "answers 500", new: "hides" },
    truth: [stopped("new-hides"), status("middle", "interaction")],
  }),
  faultCase({
    ...{ name: "new-field-and-fault", family: "fault", callerDepth: 1, old: "hides", new: "hides", newField: true },
    truth: [
      stopped("new-field-and-fault"),
      { hop: "front", places: ["body:/edition"], kinds: ["added-field"], attribution: "version" },
    ],
  }),
];

function faultCase({ name, family, callerDepth, truth, ...one }: FaultCase): JudgedCase {
  const mesh = (which: "old" | "new"): MeshVersion => ({
    front: { program: passing(name, which === "new" && one.newField === true) },
    middle: { program: asking(name, one[which]) },
    back: { routes: [{ path: `/${name}/{id}`, body: { id: { $from: "id" }, stars: { $number: [1, 5] } } }] },
  });
  return {
    ...{ name, family, depth: callerDepth + 1, truth },
    old: () => mesh("old"),
    new: () => mesh("new"),
    traffic: Array.from({ length: 40 }, (_, n) => ({ path: `/${name}/${1001 + n}` })),
    // What callers make of the stopped call is the fault's as well.
    consequences: hopNames.slice(0, 2).map((hop) => ({ hop, places: [/^(status|body.*)$/] })),
  };
}

function passing(name: string, hasField: boolean): Program {
  return (request, service) => {
    if (!request.path.startsWith(`/${name}/`)) return undefined;
    const edition = hasField ? { edition: 2 } : {};
    return service.peers.call({ to: `middle${request.path}`, method: "GET" }, request.headers).then((inner) => {
      const failed = inner.kind === "failure" || inner.status >= 500;
      const shown = failed ? { failed: true } : (JSON.parse(inner.body.toString()) as unknown);
      return json({ from: "front", id: idOf(request), ...edition, inner: shown });
    });
  };
}

function asking(name: string, whenFailed: WhenFailed): Program {
  return (request, service) => {
    if (!request.path.startsWith(`/${name}/`)) return undefined;
    return service.peers.call({ to: `back${request.path}`, method: "GET" }, request.headers).then((inner) => {
      const failed = inner.kind === "failure" || inner.status >= 500;
      if (!failed) return json({ id: idOf(request), rating: JSON.parse(inner.body.toString()) as unknown });
      if (whenFailed === "hides") return json({ id: idOf(request) });
      return json({ error: "no rating" }, {}, whenFailed === "passes on" ? 503 : 500);
    });
  };
}
