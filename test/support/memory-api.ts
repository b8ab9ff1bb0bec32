import { writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type ClusterObject, ClusterRefusal } from "../../mesh/index.js";
import { listenOnLoopback } from "./loopback.js";
import { MemoryCluster } from "./memory-cluster.js";
import { tempFolder } from "./temp.js";

const kinds: Record<string, string> = {
  namespaces: "Namespace",
  configmaps: "ConfigMap",
  services: "Service",
  pods: "Pod",
  envoyfilters: "EnvoyFilter",
  virtualservices: "VirtualService",
  httproutes: "HTTPRoute",
  deployments: "Deployment",
  authorizationpolicies: "AuthorizationPolicy",
  destinationrules: "DestinationRule",
  serviceentries: "ServiceEntry",
  sidecars: "Sidecar",
  networkpolicies: "NetworkPolicy",
  selfsubjectaccessreviews: "SelfSubjectAccessReview",
};

/** Serves a cluster in memory as an API server would, on loopback; gives a kubeconfig for it. */
export async function serveMemoryCluster(t: TestContext): Promise<{ cluster: MemoryCluster; kubeconfig: string }> {
  const cluster = new MemoryCluster();
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", async () => {
      const say = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
      try {
        const body = pieces.length === 0 ? undefined : (JSON.parse(Buffer.concat(pieces).toString()) as ClusterObject);
        const answer = await done(cluster, request.method!, new URL(request.url!, "http://a"), body);
        if (answer === undefined) say(404, { message: "not found" });
        else say(200, answer);
      } catch (refusal) {
        say(refusal instanceof ClusterRefusal ? refusal.status : 500, { message: String(refusal) });
      }
    });
  });
  const port = await listenOnLoopback(t, server);
  const kubeconfig = join(tempFolder(t), "kubeconfig");
  const config = {
    clusters: [{ name: "m", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "tester", user: {} }],
    contexts: [{ name: "m", context: { cluster: "m", user: "tester", namespace: "shop" } }],
    "current-context": "m",
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return { cluster, kubeconfig };
}

async function done(
  cluster: MemoryCluster,
  method: string,
  { pathname, searchParams }: URL,
  body: ClusterObject | undefined,
): Promise<object | undefined> {
  const [, group, within, plural, one] =
    /^\/(api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([a-z]+)(?:\/([^/]+))?$/.exec(pathname)!;
  const at = { apiVersion: group!.replace(/^apis?\//, ""), kind: kinds[plural!]! };
  const which = within === undefined ? at : { ...at, namespace: within };
  // Everybody may do everything.
  if (at.kind === "SelfSubjectAccessReview") return { ...body, status: { allowed: true } };
  if (method === "POST") return cluster.create(body!);
  if (method === "PUT") return cluster.replace(body!);
  if (one === undefined) {
    const labels = searchParams.get("labelSelector");
    return { items: await cluster.list(labels === null ? which : { ...which, labels }) };
  }
  const found = await cluster.read({ ...which, name: one });
  if (method === "GET" || found === undefined) return found;
  const { preconditions } = body as unknown as { preconditions: { resourceVersion: string } };
  await cluster.remove({ ...found, metadata: { ...found.metadata, resourceVersion: preconditions.resourceVersion } });
  return {};
}
