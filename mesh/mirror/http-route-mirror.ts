import { OperatorError } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { gatewayGrants } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";
import type { PlannedChange } from "../journal/change.js";
import { withContent } from "../journal/content.js";
import type { JsonObject } from "../journal/json.js";
import { refuseManaged } from "../managed-by.js";
import { httpRouteSpec, isAttachedTo, leadsTo, type RouteRule } from "../routes/http-route.js";
import type { RouteDestination } from "../routes/virtual-service.js";
import { ruleCopiesTo, withRuleCopies } from "./http-route-copies.js";
import type { MirrorWish } from "./mirror.js";

/**
 * What has to change so that the HTTPRoutes of a service copy its requests. Empty when they do already. Throws an
 * OperatorError where none passes a call on, or the recorder's namespace does not let them refer to the recorder.
 */
export async function planHttpRoutes(
  cluster: Cluster,
  found: readonly ClusterObject[],
  wish: MirrorWish,
): Promise<PlannedChange[]> {
  const planned = found.flatMap((now) => planHttpRoute(now, wish));
  if (planned.length > 0) await requireGrant(cluster, wish);
  return planned;
}

function planHttpRoute(now: ClusterObject, wish: MirrorWish): PlannedChange[] {
  const { service, namespace, to } = wish;
  const spec = httpRouteSpec(now);
  const isMeant = (rule: RouteRule) => isAttachedTo(now, service) || leadsTo(rule, namespace, service);
  const meant = (spec.rules ?? []).filter((rule) => isMeant(rule) && (rule.backendRefs ?? []).length > 0);
  if (meant.length === 0) {
    throw new OperatorError(
      `HTTPRoute ${now.metadata.name} of ${service} has no rule with a backend: there is nothing to copy`,
    );
  }
  if (meant.some((rule) => ruleCopiesTo(rule, to))) return [];
  if (!wish.evenIfManaged) refuseManaged(now);
  const rules = withRuleCopies(spec.rules!, wish, isMeant);
  return [{ now, after: withContent(now, { spec: { ...spec, rules } } as unknown as JsonObject) }];
}

interface GrantSpec {
  from?: { group: string; kind: string; namespace: string }[];
  to?: { group: string; kind: string; name?: string }[];
}

/** A route may refer to a Service of another namespace only where that lets it; without, the whole rule would answer 500. */
async function requireGrant(cluster: Cluster, { namespace, to }: { namespace: string; to: RouteDestination }) {
  const [recorder, there] = to.host.split(".") as [string, string];
  if (there === namespace) return;
  const grants = await inOneLine(`list the ReferenceGrants of namespace ${there}`, () =>
    cluster
      .list({ apiVersion: gatewayGrants, kind: "ReferenceGrant", namespace: there })
      .catch((refusal: unknown): ClusterObject[] => {
        if (refusal instanceof ClusterRefusal && refusal.status === 404) return [];
        throw refusal;
      }),
  );
  const isGranted = grants.some(({ spec }) => {
    const { from = [], to: referred = [] } = spec as GrantSpec;
    return (
      from.some((one) => one.kind === "HTTPRoute" && one.namespace === namespace) &&
      referred.some(({ kind, name = recorder }) => kind === "Service" && name === recorder)
    );
  });
  if (isGranted) return;
  throw new OperatorError(
    `namespace ${there} does not let the HTTPRoutes of ${namespace} refer to its Service ${recorder}: whoever owns it makes a ReferenceGrant from HTTPRoute in ${namespace} to Service ${recorder}`,
  );
}
