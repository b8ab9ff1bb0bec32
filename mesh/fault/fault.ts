import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { istioNetworking } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";
import { makeChanges, type PlannedChange } from "../journal/change.js";
import { contentOf } from "../journal/content.js";
import { type JournalEntry, journalAnnotation } from "../journal/entry.js";
import { type FiledEntry, readJournal } from "../journal/journal.js";
import { type PutBack, putBackEntry } from "../journal/put-back.js";
import { type Standing, standingOf } from "../journal/standing.js";
import { requirePermit } from "../permits.js";
import { type AuthorityMatch, meantFor } from "../routes/authority.js";
import { planRoutes, type RouteEdit, requireService } from "../routes/edit-routes.js";
import { allHttpRoutes, isAttachedTo } from "../routes/http-route.js";
import { leftOutOf } from "../routes/left-out.js";
import { type HttpRoute, ownRoutePrefixes, specOf, virtualServicesFor } from "../routes/virtual-service.js";
import { type FaultChoice, inertUnder, routeName, withFault } from "./fault-routes.js";

/** A fault on the edge from callers to a service. */
export interface FaultWish extends FaultChoice, Pick<RouteEdit, "service" | "namespace" | "evenIfManaged"> {}

/** A fault that was turned on, as the journal knows it. */
export interface FaultState {
  namespace: string;
  service: string;
  what: string;
  since: string;
  by: string;
  entry: string;
  /** Whether it is on still, as far as others are concerned. */
  standing: Standing;
}

/** Kind of the journal's entries of faults. */
const faultKind = "fault";

/** What has to change for the fault, and what is to be known about it; nothing is written. */
export async function wouldFault(
  cluster: Cluster,
  wish: FaultWish,
): Promise<{ changes: PlannedChange[]; warnings: string[] }> {
  const { service, namespace } = wish;
  await requireService(cluster, namespace, service);
  await refuseHttpRoute(cluster, namespace, service);
  const found = await virtualServicesFor(cluster, namespace, service);
  const entries = found.some(({ metadata }) => metadata.annotations?.[journalAnnotation] !== undefined)
    ? await faultEntries(cluster, namespace)
    : [];
  const changes = planRoutes(found, {
    ...wish,
    ownName: `${ownRoutePrefixes.fault}${service}`,
    edit: (routes, authority) => {
      refuseTwice(routes, { wish, authority, entries });
      return withFault(routes, wish, authority);
    },
  });
  const warnings = found.flatMap((object) => [
    ...inertUnder(specOf(object).http ?? []),
    ...leftOutOf(object, [service]),
  ]);
  return { changes, warnings };
}

interface Twice {
  wish: FaultWish;
  authority: AuthorityMatch | undefined;
  entries: readonly FiledEntry[];
}

/** Throws an OperatorError where calls to the service meet a fault of this name already; by the service that the journal has it for. */
function refuseTwice(routes: readonly HttpRoute[], { wish, authority, entries }: Twice): void {
  const { name, service, namespace } = wish;
  const isOn = (route: HttpRoute) =>
    route.name?.startsWith(`${routeName(name)}-`) === true && meantFor(route, authority) !== undefined;
  if (!routes.some(isOn)) return;
  const ofName = entries.filter(({ entry }) => entry.what.startsWith(`fault ${name} on `));
  const { entry } = ofName.find(({ entry: { subject } }) => subject === service) ?? ofName[0] ?? {};
  // Of faults `down` and `down-2` the second one's routes begin as the first one's do.
  if (entry === undefined && entries.some((one) => one.entry.what.startsWith(`fault ${name}-`))) return;
  throw new OperatorError(
    entry === undefined
      ? `fault ${name} is on already, and no entry of the journal knows it: take its routes (${routeName(name)}-…) out by hand first`
      : `fault ${name} is on already; turn it off first: tapeloop fault off ${entry.subject} -n ${namespace}`,
  );
}

/**
 * Turns a fault on: written to the journal first. Gives its entry, and what is to be known about it.
 *
 * @param leaseMs for one that ends with its command, which holds the entry's lease by `holdLease`
 */
export async function faultOn(
  cluster: Cluster,
  wish: FaultWish,
  why?: string,
  leaseMs?: number,
): Promise<{ filed: FiledEntry; warnings: string[] }> {
  const { service, namespace } = wish;
  await requirePermit(cluster, namespace, "faults");
  const intent = { kind: faultKind, subject: service, what: inWordsOf(wish), namespace };
  let warnings: string[] = [];
  const more = { ...(why === undefined ? {} : { why }), ...(leaseMs === undefined ? {} : { leaseMs }) };
  const filed = await makeChanges(cluster, { ...intent, ...more }, async () => {
    const would = await wouldFault(cluster, wish);
    warnings = would.warnings;
    return would.changes;
  });
  return { filed: filed!, warnings };
}

/** Turns every fault of a service, or of the namespace, off that the journal knows. */
export async function faultOff(cluster: Cluster, namespace: string, service?: string): Promise<PutBack[]> {
  const done: PutBack[] = [];
  for (const filed of await faultEntries(cluster, namespace)) {
    if (service === undefined || filed.entry.subject === service) done.push(...(await putBackEntry(cluster, filed)));
  }
  return done;
}

/** The faults that the journal has, the newest first, and what is left of each; of all namespaces without one. */
export async function listFaults(cluster: Cluster, namespace?: string): Promise<FaultState[]> {
  const entries = await faultEntries(cluster, namespace);
  if (entries.length === 0) return [];
  const which = { apiVersion: istioNetworking, kind: "VirtualService", ...(namespace && { namespace }) };
  const objects = await inOneLine("list VirtualServices", () => cluster.list(which));
  return entries.map(({ entry, configMap }) => ({
    namespace: configMap.metadata.namespace!,
    service: entry.subject,
    what: entry.what,
    since: entry.at,
    by: entry.by,
    entry: entry.id,
    standing: standingIn(objects, entry),
  }));
}

/** A fault is one change, of a VirtualService. */
function standingIn(objects: readonly ClusterObject[], { changes: [change] }: JournalEntry): Standing {
  const now = objects.find(({ metadata }) => metadata.name === change?.name && metadata.namespace === change.namespace);
  return change === undefined || now === undefined ? "gone" : standingOf(change, contentOf(now));
}

/** The Gateway API knows no faults, and of a VirtualService beside such a route Istio obeys nothing (seen on Istio 1.31). */
async function refuseHttpRoute(cluster: Cluster, namespace: string, service: string): Promise<void> {
  const route = (await allHttpRoutes(cluster, namespace)).find((object) => isAttachedTo(object, service));
  if (route === undefined) return;
  throw new OperatorError(
    `HTTPRoute ${route.metadata.name} is attached to Service ${service}: Istio would obey it alone, and it can hold no fault; put a VirtualService with the same routes in its place first`,
  );
}

async function faultEntries(cluster: Cluster, namespace: string | undefined): Promise<FiledEntry[]> {
  return (await readJournal(cluster, namespace)).filter(({ entry }) => entry.kind === faultKind);
}

function inWordsOf({ name, service, faults, mark, percent, from }: FaultWish): string {
  const callers =
    from === undefined
      ? ""
      : ` from ${Object.entries(from)
          .map((label) => label.join("="))
          .join(",")}`;
  const which = mark === undefined ? `${percent}% of the calls` : `calls marked ${mark}`;
  return `fault ${name} on ${service}${callers}: ${faults.map(({ explanation }) => explanation).join(", then ")}, for ${which}`;
}
