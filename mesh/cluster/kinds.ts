/** What is read or written in clusters, and where the API serves it. */
const plurals: Readonly<Record<string, string>> = {
  Namespace: "namespaces",
  ConfigMap: "configmaps",
  Service: "services",
  Pod: "pods",
  VirtualService: "virtualservices",
  HTTPRoute: "httproutes",
  ReferenceGrant: "referencegrants",
  Sidecar: "sidecars",
  ServiceEntry: "serviceentries",
  DestinationRule: "destinationrules",
  EnvoyFilter: "envoyfilters",
  NetworkPolicy: "networkpolicies",
  Job: "jobs",
  Deployment: "deployments",
  AuthorizationPolicy: "authorizationpolicies",
  SelfSubjectAccessReview: "selfsubjectaccessreviews",
};

/** Istio's own API for routes and hosts; `v1` since Istio 1.22. */
export const istioNetworking = "networking.istio.io/v1";
/** Istio's own API for who may call whom. */
export const istioSecurity = "security.istio.io/v1";

/** The Gateway API's routes; `v1` since Gateway API 1.0. */
export const gatewayApi = "gateway.networking.k8s.io/v1";
/** Its grants became `v1` later (Gateway API 1.5), and are served as this beside it. */
export const gatewayGrants = "gateway.networking.k8s.io/v1beta1";

/** Path of a kind's objects in the API, for one namespace or for all; of one object where it has a name. */
export function pathOf(at: { apiVersion: string; kind: string; namespace?: string; name?: string }): string {
  const plural = plurals[at.kind];
  if (plural === undefined) throw new Error(`no path is known for ${at.kind}`);
  const group = at.apiVersion.includes("/") ? `/apis/${at.apiVersion}` : `/api/${at.apiVersion}`;
  const within = at.namespace === undefined ? "" : `/namespaces/${encodeURIComponent(at.namespace)}`;
  const one = at.name === undefined ? "" : `/${encodeURIComponent(at.name)}`;
  return `${group}${within}/${plural}${one}`;
}
