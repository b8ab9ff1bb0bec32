/** What the API server is asked for, in its own words. */
export type Verb = "get" | "list" | "watch" | "create" | "update" | "delete";

/** A right that a command cannot do without. */
export interface Need {
  /** API group; empty for the core. */
  group: string;
  /** Plural, such as `virtualservices`; with its subresource, such as `pods/log`. */
  resource: string;
  verbs: readonly Verb[];
  /**
   * Which namespace: that of the command (`own`), that of the recorder (`recorder`), that of Istio itself (`istio`).
   * All of them are rights that a Role in that namespace can give.
   */
  within: "own" | "recorder" | "istio";
  /** One way of several, or one option of the command: without it the command does the rest, or says that it cannot know. */
  optional?: true;
}

const istio = "networking.istio.io";
const gatewayApi = "gateway.networking.k8s.io";

const own = (group: string, resource: string, ...verbs: readonly Verb[]): Need => ({
  ...{ group, resource, verbs },
  within: "own",
});
const optional = (need: Need): Need => ({ ...need, optional: true });
const elsewhere = (within: "recorder" | "istio", need: Need): Need => ({ ...need, within, optional: true });

/** The namespace itself, for its labels, and to tell a mistyped one from one where there is nothing: a Role in it may give this. */
const permits = own("", "namespaces", "get");
const service = own("", "services", "get");
const services = own("", "services", "get", "list");
const journalRead = own("", "configmaps", "list");
/** Written before a change, its lease renewed, closed when all is put back. */
const journal = own("", "configmaps", "get", "list", "create", "update", "delete");
/** What there is to put back, closed when it is; one whose holder renews its lease at that moment is read again. */
const journalBack = own("", "configmaps", "get", "list", "delete");
const routesRead = own(istio, "virtualservices", "list");
/** Changed, made where there is none, deleted when put back. */
const routes = own(istio, "virtualservices", "get", "list", "create", "update", "delete");
const routesBack = own(istio, "virtualservices", "get", "update", "delete");
const httpRoutesRead = own(gatewayApi, "httproutes", "list");
/** Never made here, so never deleted. */
const httpRoutesChanged = own(gatewayApi, "httproutes", "get", "update");
const ofFilters = (...verbs: readonly Verb[]) =>
  ["envoyfilters", "destinationrules"].map((resource) => own(istio, resource, ...verbs));
const filtersBack = ofFilters("get", "update", "delete");
const pods = own("", "pods", "get", "list");
/** A WebSocket to a pod's port is a GET, and asks for both (seen on Kubernetes 1.36; before 1.35 `get` was enough). */
const portForward = own("", "pods/portforward", "get", "create");
/** To see copies leave: the counts of the callers' sidecars. */
const sidecars = [pods, portForward].map(optional);
const recorderService = elsewhere("recorder", own("", "services", "get"));
/** To see copies arrive: the recorder's own count. */
const recorderPods = [elsewhere("recorder", own("", "pods", "get", "list")), elsewhere("recorder", portForward)];
const fence = [
  ...[own("", "pods", "list"), own("", "services", "list"), own("networking.k8s.io", "networkpolicies", "list")],
  ...[own(istio, "sidecars", "list"), own(istio, "serviceentries", "list")],
  ...[elsewhere("istio", own("", "configmaps", "get")), elsewhere("istio", own(istio, "sidecars", "list"))],
  elsewhere("istio", own(istio, "serviceentries", "list")),
];
const policies = "security.istio.io";

/**
 * The rights that each command needs, in one place: what a refused command lacks is said from it, `doctor` asks for it
 * beforehand, and the Roles that the charts give are written from it. What is `optional` is needed for a part alone.
 */
export const commandNeeds = {
  "mirror on": [
    ...[permits, services, routes, journal, httpRoutesRead, optional(httpRoutesChanged), recorderService],
    ...[...sidecars, ...recorderPods, elsewhere("recorder", own(gatewayApi, "referencegrants", "list"))],
  ],
  "mirror off": [routesBack, journalBack, optional(permits), optional(httpRoutesChanged), ...filtersBack.map(optional)],
  "mirror status": [
    ...[routesRead, journalRead, optional(httpRoutesRead), optional(own(istio, "envoyfilters", "list"))],
    ...[optional(permits), optional(services), ...sidecars, ...recorderPods],
  ],
  "mirror ext-proc": [
    ...[permits, services, ...ofFilters("get", "create", "update", "delete"), journal],
    ...[recorderService, ...sidecars, ...recorderPods],
  ],
  "fault on": [permits, service, routes, httpRoutesRead, journal],
  "fault off": [routesBack, journalBack, optional(permits)],
  "fault list": [routesRead, journalRead, optional(permits)],
  restore: [
    ...[routesBack, journalBack, optional(httpRoutesChanged), ...filtersBack.map(optional)],
    ...[own("batch", "jobs", "get", "delete"), own("", "services", "get", "delete")].map(optional),
    optional(own(policies, "authorizationpolicies", "get", "delete")),
    optional(own("apps", "deployments", "get", "update")),
    optional(permits),
  ],
  doctor: [
    ...[permits, services, routesRead, httpRoutesRead, journalRead, own("", "pods", "list")],
    ...[own(istio, "destinationrules", "list"), own(istio, "envoyfilters", "list")],
    ...[own(istio, "serviceentries", "list"), ...fence.map(optional), optional(portForward)],
    ...[recorderService, elsewhere("recorder", own("", "pods", "list"))],
  ],
  replay: [
    ...[permits, own("", "services", "get", "list", "create", "delete"), pods, portForward, journal],
    ...[own("batch", "jobs", "get", "create", "delete"), optional(own("", "pods/log", "get")), ...fence],
  ],
  "replay --from local": [permits, services, pods, portForward, ...fence],
  // To see faults fire, and what keeps them from it: the counts of the callers' sidecars, and what doctor looks at.
  experiment: [
    ...[permits, service, routes, httpRoutesRead, journal],
    ...[...sidecars, optional(own("", "services", "list"))],
  ],
  "chaos auth-policy": [
    ...[
      permits,
      own("", "services", "list"),
      journal,
      own(policies, "authorizationpolicies", "get", "create", "delete"),
    ],
    // With --service; and with --policy allow-everything.
    ...[service, own(policies, "authorizationpolicies", "list")].map(optional),
    elsewhere("istio", own(policies, "authorizationpolicies", "list")),
  ],
  "chaos restart": [
    ...[permits, own("", "pods", "list"), journal, own("apps", "deployments", "get", "list", "update")],
    optional(service), // With --service.
  ],
} as const satisfies Readonly<Record<string, readonly Need[]>>;

/** A command that needs rights in a cluster. */
export type MeshCommand = keyof typeof commandNeeds;

export const meshCommands = Object.keys(commandNeeds) as MeshCommand[];
