import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { istioNetworking } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";
import type { PlannedChange } from "../journal/change.js";
import { withContent } from "../journal/content.js";
import type { JsonObject } from "../journal/json.js";
import { refuseManaged } from "../managed-by.js";
import { type AuthorityMatch, authorityOf } from "./authority.js";
import { delegatedBy } from "./left-out.js";
import { type HttpRoute, hasDestination, onlyOne, specOf } from "./virtual-service.js";

/** A change of how a service is called. */
export interface RouteEdit {
  service: string;
  namespace: string;
  /** Name of the VirtualService that is made where the service has none. */
  ownName: string;
  /** Edit what Argo CD, Flux or Helm manages, all the same. */
  evenIfManaged: boolean;
  /**
   * The routes as they are to be; the same list when nothing has to change.
   *
   * @param authority what tells the service's calls from those to other hosts of the same VirtualService
   */
  edit(routes: readonly HttpRoute[], authority: AuthorityMatch | undefined): readonly HttpRoute[];
}

/**
 * What has to change so that a service's routes are as wished: its VirtualService, or one of our own where it has none.
 * Pure. Empty when they are so already. Throws an OperatorError for what cannot be, or must not be, changed.
 *
 * @param found the VirtualServices for the service
 */
export function planRoutes(found: readonly ClusterObject[], wish: RouteEdit): PlannedChange[] {
  const now = onlyOne(found, wish.service);
  if (now === undefined) return [ownVirtualService(wish)];
  const spec = specOf(now);
  if (spec.http === undefined) {
    throw new OperatorError(`VirtualService ${now.metadata.name} of ${wish.service} routes no HTTP`);
  }
  const delegated = delegatedBy(now);
  if (delegated.length > 0 && !spec.http.some(hasDestination)) {
    throw new OperatorError(
      `VirtualService ${now.metadata.name} of ${wish.service} passes nothing on itself: it delegates ${delegated.map(({ requests, to }) => `${requests} to ${to}`).join("; ")}, which would have to be changed`,
    );
  }
  const http = wish.edit(spec.http, authorityOf(now, wish.service));
  if (http === spec.http) return [];
  if (!wish.evenIfManaged) refuseManaged(now);
  return [{ now, after: withContent(now, { spec: { ...spec, http } } as unknown as JsonObject) }];
}

function ownVirtualService({ service, namespace, ownName, edit }: RouteEdit): PlannedChange {
  const plain: HttpRoute[] = [{ route: [{ destination: { host: service } }] }];
  const without = { spec: { hosts: [service], http: plain } } as unknown as JsonObject;
  const after: ClusterObject = {
    apiVersion: istioNetworking,
    kind: "VirtualService",
    metadata: { name: ownName, namespace, labels: { "app.kubernetes.io/managed-by": "tapeloop" } },
    spec: { hosts: [service], http: edit(plain, undefined) },
  };
  return { after, without };
}

/** Throws an OperatorError unless the Service is there. */
export async function requireService(cluster: Cluster, namespace: string, service: string): Promise<void> {
  const ref = { apiVersion: "v1", kind: "Service", namespace, name: service };
  if ((await inOneLine(`read service ${service}`, () => cluster.read(ref))) !== undefined) return;
  throw new OperatorError(`there is no Service ${service} in namespace ${namespace}`);
}
