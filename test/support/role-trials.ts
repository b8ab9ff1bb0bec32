import type { TestContext } from "node:test";
import { gatewayApi } from "../../mesh/cluster/kinds.js";
import { type Cluster, type ClusterObject, ClusterRefusal, type MeshCommand } from "../../mesh/index.js";
import { journalAnnotation } from "../../mesh/journal/entry.js";
import { asBefore, newNamespace, realCluster, service, virtualService } from "./cluster.js";
import { hasHelm, only, rendered } from "./helm.js";
import { type RestrictedUser, type RoleRule, restrictedUser } from "./restricted-user.js";

/** A namespace of a real cluster, and a user who has one Role there and nothing else. */
export interface RoleGround {
  cluster: Cluster;
  /** Of who may do everything. */
  kubeconfig: string;
  namespace: string;
  user: RestrictedUser;
}

/** `ratings` has a VirtualService; `plain` has none. */
export const servicesOfGround = ["ratings", "plain"] as const;

/** Undefined, and the test skipped, where there is no cluster, or no helm to make Roles with. */
export async function groundForRoles(t: TestContext): Promise<RoleGround | undefined> {
  if (!hasHelm(t)) return undefined;
  const real = await realCluster(t);
  if (real === undefined) return undefined;
  const namespace = await newNamespace(t, real.cluster);
  for (const name of servicesOfGround) await real.cluster.create(service(namespace, name));
  await real.cluster.create(virtualService(namespace, "ratings"));
  return { ...real, namespace, user: await restrictedUser(t, real.kubeconfig, namespace) };
}

/** Of the Role that the chart makes for a command. */
export async function rulesOf(command: MeshCommand, namespace: string, { optional = false } = {}): Promise<RoleRule[]> {
  const objects = await rendered("roles", { commands: [command], optional }, "--namespace", namespace);
  return only(objects, "Role").rules as RoleRule[];
}

/** The rules with a verb of one of them left out. */
export function lessThan(rules: readonly RoleRule[], rule: RoleRule, verb: string | undefined): RoleRule[] {
  return rules
    .map((one) => (one === rule ? { ...one, verbs: one.verbs.filter((has) => has !== verb) } : one))
    .filter(({ verbs }) => verbs.length > 0);
}

/** Every right that rules give, as `create configmaps`. */
export function rightsIn(rules: readonly RoleRule[]): { rule: RoleRule; verb: string; right: string }[] {
  return rules.flatMap((rule) => rule.verbs.map((verb) => ({ rule, verb, right: `${verb} ${rule.resources[0]}` })));
}

/** What mirrors and faults change; of ConfigMaps the journal's, since others come when they like. */
export const routingKinds = [
  { apiVersion: "networking.istio.io/v1", kind: "VirtualService" },
  { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter" },
  { apiVersion: "networking.istio.io/v1", kind: "DestinationRule" },
  { apiVersion: "v1", kind: "ConfigMap", labels: "tapeloop.io/journal=true" },
];
const allKinds = [
  ...routingKinds,
  { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy" },
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "batch/v1", kind: "Job" },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: gatewayApi, kind: "HTTPRoute" },
];

/** What commands could change, each object as it is. Kinds that the cluster does not know have none. */
export async function stateOf(cluster: Cluster, namespace: string, kinds = allKinds): Promise<Map<string, string>> {
  const lists = await Promise.all(kinds.map((of) => cluster.list({ ...of, namespace }).catch(noneWhereUnknown)));
  const all = lists.flat().map(({ status: _status, ...object }) => object);
  return new Map(all.map((object) => [`${object.kind} ${object.metadata.name}`, JSON.stringify(whatIsOfUs(object))]));
}

function noneWhereUnknown(refusal: unknown): ClusterObject[] {
  if (refusal instanceof ClusterRefusal && refusal.status === 404) return [];
  throw refusal;
}

/** Controllers write into the metadata of some kinds, too, when they like. */
function whatIsOfUs(object: ClusterObject): unknown {
  const isWrittenByOthers = object.kind === "Deployment" || object.kind === "HTTPRoute";
  return isWrittenByOthers ? [object.spec, object.metadata.annotations?.[journalAnnotation]] : asBefore(object);
}
