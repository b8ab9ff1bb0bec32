import { mayBeSameCallee, type Sighting } from "./sighting.js";

/** A call while sightings are still being added, in order of their start. */
export interface Draft {
  sightings: Sighting[];
  endedNs: bigint;
  /** Another call could have been meant, or only a trace id says that these belong together. */
  isInferred: boolean;
}

/** How far apart two recorders may see one call begin, clocks and hops included. */
const nearNs = 1_000_000_000n;

/** How many calls a sighting is compared with; an identifier that all calls share must not cost their square. */
const openLimit = 64;

/** Groups sightings, given in order of their start, into calls. */
export function draftCalls(sightings: Iterable<Sighting>): Draft[] {
  const open = new Map<string, Draft[]>();
  const drafts: Draft[] = [];
  for (const sighting of sightings) {
    const joinKeys = joinKeysOf(sighting);
    let draft = draftFor(sighting, joinKeys, open);
    if (draft === undefined) {
      draft = { sightings: [sighting], endedNs: endOf(sighting), isInferred: false };
      drafts.push(draft);
    }
    for (const joinKey of joinKeys) remember(open, joinKey, draft, sighting);
  }
  return drafts;
}

function joinKeysOf({ identifiers, head }: Sighting): string[] {
  return identifiers.map((identifier) => `${identifier} ${head.request.method} ${head.request.path}`);
}

/** The call that this is one more sighting of: of several, the one that began nearest. */
function draftFor(
  sighting: Sighting,
  joinKeys: readonly string[],
  open: ReadonlyMap<string, Draft[]>,
): Draft | undefined {
  const candidates = new Set(joinKeys.flatMap((joinKey) => open.get(joinKey) ?? []));
  const fitting = [...candidates].filter((draft) => fits(sighting, draft));
  if (fitting.length === 0) return undefined;
  // All began before this sighting, so the last to begin is the nearest.
  const draft = fitting.reduce((a, b) => (startOf(b) >= startOf(a) ? b : a));
  draft.isInferred ||= fitting.length > 1 || sighting.requestId === undefined || !hasRequestId(draft);
  draft.sightings.push(sighting);
  if (endOf(sighting) > draft.endedNs) draft.endedNs = endOf(sighting);
  return draft;
}

function fits(sighting: Sighting, draft: Draft): boolean {
  return (
    sighting.head.startedNs <= draft.endedNs + nearNs &&
    draft.sightings.every(
      (other) =>
        maySeeSameCall(sighting, other) && mayBeSameCallee(sighting, other) && !differInRequestId(sighting, other),
    )
  );
}

/** Whether both may be sightings of one call, going by where they were seen from. */
function maySeeSameCall({ head: a }: Sighting, { head: b }: Sighting): boolean {
  if (a.vantage !== b.vantage) return true;
  // A gateway and a sidecar may both copy one request, to one recorder; a proxy copies a request once.
  if (a.vantage === "mirror" || a.vantage === "ext-proc") {
    return a.recorder.name !== b.recorder.name || a.client !== b.client;
  }
  return false;
}

function differInRequestId(a: Sighting, b: Sighting): boolean {
  return a.requestId !== undefined && b.requestId !== undefined && a.requestId !== b.requestId;
}

function hasRequestId(draft: Draft): boolean {
  return draft.sightings.some((sighting) => sighting.requestId !== undefined);
}

/** Keeps what a later sighting may still join. */
function remember(open: Map<string, Draft[]>, joinKey: string, draft: Draft, sighting: Sighting): void {
  const known = open.get(joinKey);
  if (known === undefined) {
    open.set(joinKey, [draft]);
    return;
  }
  if (!known.includes(draft)) known.push(draft);
  if (known.length <= openLimit) return;
  const still = known.filter((one) => one.endedNs + nearNs >= sighting.head.startedNs);
  open.set(joinKey, still.slice(-openLimit / 2));
}

function startOf(draft: Draft): bigint {
  return draft.sightings[0]!.head.startedNs;
}

function endOf({ head }: Sighting): bigint {
  return head.answerEndedNs ?? head.requestEndedNs ?? head.startedNs;
}
