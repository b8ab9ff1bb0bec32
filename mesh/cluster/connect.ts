import { existsSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import { OperatorError, reasonOf } from "../../base/index.js";
import { type Cluster, ClusterRefusal } from "./cluster.js";
import { pathOf } from "./kinds.js";
import { type ClusterObject, refOf } from "./object.js";

/** Which cluster, as kubectl's flags of the same names say it. */
export interface ClusterChoice {
  /** File; else the environment's, else `~/.kube/config`, else that of a pod. */
  kubeconfig?: string;
  context?: string;
}

/** What stands in `managedFields` for what is written here. */
const fieldManager = "tapeloop";
/** What the client makes up where it finds no kubeconfig. */
const inventedContext = "loaded-context";
const inventedServer = "http://localhost:8080";
/** An API server that is slower than this is taken for gone. */
const answerMs = 15_000;

/**
 * Connects by a kubeconfig, with whatever way of signing in it names (certificates, tokens, exec plugins, a pod's service
 * account). Throws an OperatorError where there is none, or not the context asked for. Nothing is sent yet.
 */
export function connectCluster(choice: ClusterChoice = {}): Cluster {
  const config = readConfig(choice);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || (config.getCurrentContext() === inventedContext && server === inventedServer))
    throw new OperatorError(noCluster(choice));
  const ask = asker(config, new URL(server));
  const write = (method: string, object: ClusterObject, at: Parameters<typeof pathOf>[0]) =>
    ask(method, `${pathOf(at)}?fieldManager=${fieldManager}&fieldValidation=Strict`, object);
  return {
    server,
    user: config.getCurrentUser()?.name ?? "unknown",
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default",
    read: (ref) => ask("GET", pathOf(ref)).catch(undefinedWhenGone),
    async list({ labels, ...which }) {
      const query = labels === undefined ? "" : `?labelSelector=${encodeURIComponent(labels)}`;
      const answer = (await ask("GET", pathOf(which) + query)) as unknown as { items: ClusterObject[] };
      return answer.items.map((item) => ({ ...item, apiVersion: which.apiVersion, kind: which.kind }));
    },
    create: (object) => write("POST", object, collectionOf(object)),
    replace: (object) => write("PUT", object, refOf(object)),
    async remove(object) {
      const { uid, resourceVersion } = object.metadata;
      const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid, resourceVersion } };
      await ask("DELETE", pathOf(refOf(object)), body).catch(undefinedWhenGone);
    },
  };
}

function readConfig({ kubeconfig, context }: ClusterChoice): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
    throw new OperatorError(`cannot read kubeconfig ${kubeconfig}: there is no such file`);
  }
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (cause) {
    throw new OperatorError(`cannot read kubeconfig ${kubeconfig ?? "(the default one)"}: ${reasonOf(cause)}`, {
      cause,
    });
  }
  if (context !== undefined) {
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context)) {
      throw new OperatorError(`kubeconfig has no context "${context}" (it has ${known.join(", ") || "none"})`);
    }
    config.setCurrentContext(context);
  }
  return config;
}

function noCluster({ context }: ClusterChoice): string {
  return context === undefined
    ? "no cluster: no kubeconfig was found; give one with --kubeconfig or KUBECONFIG"
    : `no cluster: context "${context}" names one that the kubeconfig does not have`;
}

/** One request to the API server, JSON in and out, signed as the kubeconfig says. */
function asker(config: KubeConfig, server: URL) {
  return async (method: string, path: string, body?: object): Promise<ClusterObject> => {
    const options: https.RequestOptions = { method, headers: { accept: "application/json" } };
    await config.applyToHTTPSOptions(options).catch((cause: unknown) => {
      throw new OperatorError(`cannot sign in to the cluster at ${server.origin}: ${reasonOf(cause)}`, { cause });
    });
    const { status, text } = await send(server, path, options, body);
    if (status >= 200 && status < 300) return JSON.parse(text) as ClusterObject;
    throw new ClusterRefusal(status, wordsOf(text, status));
  };
}

async function send(
  server: URL,
  path: string,
  options: https.RequestOptions,
  body: object | undefined,
): Promise<{ status: number; text: string }> {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers: http.OutgoingHttpHeaders = { ...(options.headers as http.OutgoingHttpHeaders) };
  if (bytes !== undefined)
    Object.assign(headers, { "content-type": "application/json", "content-length": bytes.length });
  const url = new URL(server.pathname.replace(/\/$/, "") + path, server);
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) =>
      reject(new OperatorError(`cannot reach the cluster at ${server.origin}: ${reasonOf(cause)}`, { cause }));
    const { request } = url.protocol === "http:" ? http : https;
    const asked = request(url, { ...options, headers, timeout: answerMs }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("error", fail);
      answer.on("end", () => resolve({ status: answer.statusCode!, text: Buffer.concat(pieces).toString() }));
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${answerMs / 1000} s`)));
    asked.on("error", fail);
    asked.end(bytes);
  });
}

/** A Status object's message; a webhook's words are in it. */
function wordsOf(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text) as { message?: string };
    if (message) return message;
  } catch {
    // Not the API server: something before it.
  }
  return text.trim() || `status ${status}`;
}

function collectionOf(object: ClusterObject): Parameters<typeof pathOf>[0] {
  const { name: _name, ...collection } = refOf(object);
  return collection;
}

function undefinedWhenGone(refusal: unknown): undefined {
  if (refusal instanceof ClusterRefusal && refusal.status === 404) return undefined;
  throw refusal;
}
