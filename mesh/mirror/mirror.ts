import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import type { ClusterObject } from "../cluster/object.js";
import { servicePort } from "../cluster/service-port.js";
import { type FilterResources, planExtProc } from "../ext-proc/plan.js";
import { makeChanges, type PlannedChange } from "../journal/change.js";
import { type FiledEntry, readJournal } from "../journal/journal.js";
import { type PutBack, putBackEntry } from "../journal/put-back.js";
import { requirePermit } from "../permits.js";
import { planRoutes, type RouteEdit, requireService } from "../routes/edit-routes.js";
import { httpRoutesFor, isAttachedTo } from "../routes/http-route.js";
import { leftOutOf } from "../routes/left-out.js";
import { ownRoutePrefixes, type RouteDestination, virtualServicesFor } from "../routes/virtual-service.js";
import { planHttpRoutes } from "./http-route-mirror.js";
import { type CopyChoice, copiesTo, mirrorKind, withCopies } from "./mirror-routes.js";

/** A service whose requests are to be copied. */
export interface MirrorWish extends CopyChoice, Pick<RouteEdit, "service" | "namespace" | "evenIfManaged"> {
  /** Given: the proxies before the service tell of requests and answers, in place of copies from those of its callers. */
  extProc?: FilterResources;
}

/** `recorder.tapeloop:8080` as Istio names it: a service, its namespace, a port. */
export function parseRecorder(text: string, namespace: string): RouteDestination {
  const match = /^([a-z0-9-]+)(?:\.([a-z0-9-]+))?(?:\.svc(?:\.[a-z0-9.-]+)?)?(?::(\d{1,5}))?$/.exec(text);
  if (match === null) {
    throw new OperatorError(`--to: must be SERVICE.NAMESPACE:PORT, such as recorder.tapeloop:8080 (got "${text}")`);
  }
  const [, service, within = namespace, port] = match;
  const host = `${service}.${within}.svc.cluster.local`;
  return port === undefined ? { host } : { host, port: { number: Number(port) } };
}

/**
 * What has to change so that a service's requests are copied, as it would be now; nothing is written. Throws an OperatorError where
 * there is no such recorder, as far as that may be read: its copies would all be lost, and nobody would notice.
 */
export async function wouldMirror(cluster: Cluster, wish: MirrorWish): Promise<PlannedChange[]> {
  const { service, namespace, extProc } = wish;
  if (extProc !== undefined) return planExtProc(cluster, { ...wish, resources: extProc });
  await requireService(cluster, namespace, service);
  await servicePort(cluster, wish.to);
  const { virtualServices, httpRoutes } = await routesToCopy(cluster, wish);
  if (httpRoutes.length > 0) return planHttpRoutes(cluster, httpRoutes, wish);
  const edit: RouteEdit["edit"] = (routes, authority) =>
    routes.some((route) => copiesTo(route, wish.to, authority)) ? routes : withCopies(routes, wish, authority);
  return planRoutes(virtualServices, { ...wish, ownName: `${ownRoutePrefixes.mirror}${service}`, edit });
}

/** The routes by which calls come to a service: of one kind or the other. */
async function routesToCopy(
  cluster: Cluster,
  { service, namespace }: Pick<MirrorWish, "service" | "namespace">,
): Promise<{ virtualServices: ClusterObject[]; httpRoutes: ClusterObject[] }> {
  const virtualServices = await virtualServicesFor(cluster, namespace, service);
  const httpRoutes = await httpRoutesFor(cluster, namespace, service);
  // Of a VirtualService beside one that is attached Istio obeys nothing (seen on Istio 1.31; TL0202).
  const areObeyed = virtualServices.length === 0 || httpRoutes.some((route) => isAttachedTo(route, service));
  return httpRoutes.length > 0 && areObeyed ? { virtualServices: [], httpRoutes } : { virtualServices, httpRoutes: [] };
}

/** What is to be known of a mirror of these services, such as which requests it leaves out: a sentence each. */
export async function mirrorNotes(
  cluster: Cluster,
  { namespace, extProc, to }: Pick<MirrorWish, "namespace" | "extProc" | "to">,
  services: readonly string[],
): Promise<string[]> {
  const unseen =
    (await servicePort(cluster, to)) === undefined
      ? [`Service ${to.host} may not be read from here: whether the recorder is there is not known`]
      : [];
  if (extProc !== undefined) return unseen;
  const routed = await Promise.all(services.map((service) => routesToCopy(cluster, { service, namespace })));
  const notes = routed.flatMap(({ virtualServices }) => virtualServices.flatMap((one) => leftOutOf(one, services)));
  // What one VirtualService leaves out it leaves out for each of its services.
  return [...unseen, ...new Set(notes)];
}

/** Turns the mirror of a service on. Gives the journal's entry; undefined when its requests are copied there already. */
export async function mirrorOn(cluster: Cluster, wish: MirrorWish, why?: string): Promise<FiledEntry | undefined> {
  const { service, namespace, to } = wish;
  await requirePermit(cluster, namespace, "mirror");
  const how = wish.extProc === undefined ? "" : " by ext-proc";
  const what = `mirror ${service}${how} to ${to.host}${to.port === undefined ? "" : `:${to.port.number}`}`;
  const intent = { kind: mirrorKind, subject: service, what, namespace, ...(why === undefined ? {} : { why }) };
  return makeChanges(cluster, intent, () => wouldMirror(cluster, wish));
}

/** Turns every mirror of a service, or of the namespace, off that the journal knows. */
export async function mirrorOff(cluster: Cluster, namespace: string, service?: string): Promise<PutBack[]> {
  const entries = (await readJournal(cluster, namespace)).filter(
    ({ entry }) => entry.kind === mirrorKind && (service === undefined || entry.subject === service),
  );
  const done: PutBack[] = [];
  for (const filed of entries) done.push(...(await putBackEntry(cluster, filed)));
  return done;
}
