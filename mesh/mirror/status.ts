import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { istioNetworking } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";
import { marksOf } from "../journal/content.js";
import { readJournal } from "../journal/journal.js";
import { type HttpRoute, specOf } from "../routes/virtual-service.js";
import { mirrorKind, ownRoutePrefix } from "./mirror-routes.js";

/** Who copies whose requests to where. */
export interface MirrorState {
  namespace: string;
  virtualService: string;
  hosts: readonly string[];
  /** `HOST:PORT`. */
  to: string;
  /** Of the requests of the route, 0 to 100, drawn anew for each; 100 with a share of traces chosen by id. */
  percent: number;
  /** Only some requests are copied: what they have to match. */
  narrowed: boolean;
  /** In how many of its routes. */
  routes: number;
  /** Of our own: since when, by whom, and the journal's id. */
  ours?: { since: string; by: string; entry: string };
}

/** Every mirror that stands in the VirtualServices of a namespace, ours or not; of all namespaces without one. */
export async function mirrorStatus(cluster: Cluster, namespace?: string): Promise<MirrorState[]> {
  const which = { apiVersion: istioNetworking, kind: "VirtualService" };
  const all = await inOneLine("list VirtualServices", () =>
    cluster.list(namespace === undefined ? which : { ...which, namespace }),
  );
  const entries = new Map((await readJournal(cluster, namespace)).map(({ entry }) => [entry.id, entry]));
  return all.flatMap((object) => {
    const known = marksOf(object).flatMap((id) => entries.get(id) ?? []);
    return mirrorsOf(object).map((state) => {
      const entry = known.find(({ kind, what }) => kind === mirrorKind && what.endsWith(` to ${state.to}`));
      return entry === undefined ? state : { ...state, ours: { since: entry.at, by: entry.by, entry: entry.id } };
    });
  });
}

function mirrorsOf(object: ClusterObject): MirrorState[] {
  const { hosts = [], http = [] } = specOf(object);
  const states = new Map<string, MirrorState>();
  for (const route of http) {
    for (const { destination, percent } of copiesOf(route)) {
      const to = destination.port === undefined ? destination.host : `${destination.host}:${destination.port.number}`;
      const known = states.get(to);
      if (known !== undefined) known.routes++;
      else {
        const narrowed = route.name?.startsWith(ownRoutePrefix) === true;
        const { name, namespace = "default" } = object.metadata;
        states.set(to, { namespace, virtualService: name, hosts, to, percent, narrowed, routes: 1 });
      }
    }
  }
  return [...states.values()];
}

function copiesOf(route: HttpRoute) {
  const single =
    route.mirror === undefined
      ? []
      : [{ destination: route.mirror, percentage: route.mirrorPercentage ?? { value: 100 } }];
  return [...single, ...(route.mirrors ?? [])].map(({ destination, percentage }) => ({
    destination,
    percent: percentage === undefined ? 100 : (percentage.value ?? 0),
  }));
}
