import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { makeChanges, type PlannedChange } from "../journal/change.js";
import { type FiledEntry, readJournal } from "../journal/journal.js";
import { type PutBack, putBackEntry } from "../journal/put-back.js";
import { requirePermit } from "../permits.js";
import { planRoutes, type RouteEdit, requireService } from "../routes/edit-routes.js";
import { allHttpRoutes, isAttachedTo } from "../routes/http-route.js";
import { specOf, virtualServicesFor } from "../routes/virtual-service.js";
import { type FaultChoice, inertUnder, routeName, withFault } from "./fault-routes.js";

/** A fault on the edge from callers to a service. */
export interface FaultWish extends FaultChoice, Pick<RouteEdit, "service" | "namespace" | "evenIfManaged"> {}

/** A fault that is on, as the journal knows it. */
export interface FaultState {
  namespace: string;
  service: string;
  what: string;
  since: string;
  by: string;
  entry: string;
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
  const changes = planRoutes(found, {
    ...wish,
    ownName: `tapeloop-fault-${service}`,
    edit: (routes) => {
      if (routes.some(({ name }) => name?.startsWith(`${routeName(wish.name)}-`) === true)) {
        throw new OperatorError(
          `fault ${wish.name} is on already; turn it off first: tapeloop fault off ${service} -n ${namespace}`,
        );
      }
      return withFault(routes, wish);
    },
  });
  return { changes, warnings: found.flatMap((object) => inertUnder(specOf(object).http ?? [])) };
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

/** The faults that are on, the newest first; of all namespaces without one. */
export async function listFaults(cluster: Cluster, namespace?: string): Promise<FaultState[]> {
  return (await faultEntries(cluster, namespace)).map(({ entry, configMap }) => ({
    namespace: configMap.metadata.namespace!,
    service: entry.subject,
    what: entry.what,
    since: entry.at,
    by: entry.by,
    entry: entry.id,
  }));
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
