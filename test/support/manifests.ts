/** Objects of a namespace `shop`, as a person writes them, with the little that a test is about. */
export function namespace(name: string, labels: Record<string, string> = {}): object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** Selects the pods labelled `app: NAME`. */
export function service(name: string, ports: Record<string, number>, within = "shop"): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: within },
    spec: {
      selector: { app: name },
      ports: Object.entries(ports).map(([port, number]) => ({ name: port, port: number })),
    },
  };
}

/** Runs and is ready; without a sidecar. */
export function pod(name: string, labels: Record<string, string> = { app: name }, within = "shop"): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${name}-1`, namespace: within, labels },
    spec: { containers: [{ name: "app", image: "app:1" }] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  };
}

/** The same with Istio's proxy beside it, in the way of newer releases. */
export function sidecarPod(name: string, labels: Record<string, string> = { app: name }, within = "shop"): object {
  const bare = pod(name, labels, within) as { spec: object };
  const proxy = { name: "istio-proxy", image: "proxyv2:1", restartPolicy: "Always" };
  return { ...bare, spec: { ...bare.spec, initContainers: [{ name: "istio-init" }, proxy] } };
}

export function virtualService(
  name: string,
  hosts: readonly string[],
  http: readonly object[],
  more: { gateways?: readonly string[] } = {},
): object {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, namespace: "shop" },
    spec: { hosts, http, ...more },
  };
}

/** The part of a route that says where requests go. */
export function route(host: string, more: { subset?: string } = {}): { route: object[] } {
  return { route: [{ destination: { host, ...more } }] };
}

export function mirrorTo(host: string, port: number, percentage?: { value?: number }): { mirrors: object[] } {
  return { mirrors: [{ destination: { host, port: { number: port } }, ...(percentage && { percentage }) }] };
}

export function destinationRule(host: string, subsets: readonly string[]): object {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name: host, namespace: "shop" },
    spec: { host, subsets: subsets.map((name) => ({ name, labels: { version: name } })) },
  };
}

/** A ConfigMap that holds a journal entry. */
export function configMap(name: string, entry: object): object {
  const metadata = { name, namespace: "shop", labels: { "tapeloop.io/journal": "true" } };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { entry: JSON.stringify(entry) } };
}

/** Attached to a Service, to which its one rule leads, too. */
export function httpRoute(service: string, mirror?: object): object {
  const filters = mirror === undefined ? [] : [{ type: "RequestMirror", requestMirror: mirror }];
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: `${service}-route`, namespace: "shop" },
    spec: {
      parentRefs: [{ group: "", kind: "Service", name: service, port: 80 }],
      rules: [{ filters, backendRefs: [{ name: service, port: 80 }] }],
    },
  };
}
