import { setMaxListeners } from "node:events";
import { existsSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { OperatorError, reasonOf } from "../../base/index.js";
import { type Cluster, ClusterRefusal, type PodLog } from "./cluster.js";
import { pathOf } from "./kinds.js";
import { type ClusterObject, refOf } from "./object.js";
import { defaultAnswerMs, limitOf, type Patience, waitFor } from "./patience.js";
import { forwardedPort } from "./port-forward.js";

/** Which cluster, as kubectl's flags of the same names say it. */
export interface ClusterChoice {
  /** File; else the environment's, else `~/.kube/config`, else that of a pod. */
  kubeconfig?: string;
  context?: string;
  /** An API server that says nothing for so long is taken for gone; 15 s without it. */
  answerMs?: number;
  /** Aborted when the command is asked to end. */
  signal?: AbortSignal;
}

/** What stands in `managedFields` for what is written here. */
const fieldManager = "tapeloop";
/** What the client makes up where it finds no kubeconfig. */
const inventedContext = "loaded-context";
const inventedServer = "http://localhost:8080";

/**
 * Connects by a kubeconfig, with whatever way of signing in it names (certificates, tokens, exec plugins, a pod's service
 * account). Rejects with an OperatorError where there is none, or not the context asked for. Nothing is sent yet.
 */
export async function connectCluster(choice: ClusterChoice = {}): Promise<Cluster> {
  const config = await readConfig(choice);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || (config.getCurrentContext() === inventedContext && server === inventedServer))
    throw new OperatorError(noCluster(choice));
  // Each request on its way listens; Node takes more than ten for a leak, and says so to the user.
  if (choice.signal !== undefined) setMaxListeners(0, choice.signal);
  const patience: Patience = { answerMs: choice.answerMs ?? defaultAnswerMs, signal: choice.signal };
  const ask = asker(config, new URL(server), patience);
  const write = (method: string, object: ClusterObject, at: Parameters<typeof pathOf>[0]) =>
    ask(method, `${pathOf(at)}?fieldManager=${fieldManager}&fieldValidation=Strict`, object);
  return {
    server,
    ...(choice.signal === undefined ? {} : { signal: choice.signal }),
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
      const preconditions = { uid, resourceVersion };
      // A Job's pods would be left behind otherwise: that is still the default of its API.
      const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background", preconditions };
      await ask("DELETE", pathOf(refOf(object)), body).catch(undefinedWhenGone);
    },
    openPort: (at) => forwardedPort(config, server, at),
    async openLog(of) {
      const answer = await openAnswer({ config, server: new URL(server), patience }, "GET", logPathOf(of));
      answer.socket.setTimeout(0); // One that is followed may be silent for long.
      return answer;
    },
  };
}

async function readConfig({ kubeconfig, context }: ClusterChoice): Promise<KubeConfig> {
  // Eight hundred modules, which half of the commands that know a cluster do without.
  const { KubeConfig } = await import("@kubernetes/client-node");
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

/** One request to the API server, JSON in and out. */
function asker(config: KubeConfig, server: URL, patience: Patience) {
  return async (method: string, path: string, body?: object): Promise<ClusterObject> =>
    JSON.parse(
      await textOf(await openAnswer({ config, server, patience }, method, path, body), server),
    ) as ClusterObject;
}

/** One request to the API server, signed as the kubeconfig says; its answer as it comes, when it is none of refusal. */
async function openAnswer(
  { config, server, patience }: { config: KubeConfig; server: URL; patience: Patience },
  method: string,
  path: string,
  body?: object,
): Promise<http.IncomingMessage> {
  const options: https.RequestOptions = { method, headers: { accept: "application/json" } };
  await config.applyToHTTPSOptions(options).catch((cause: unknown) => {
    throw new OperatorError(`cannot sign in to the cluster at ${server.origin}: ${reasonOf(cause)}`, { cause });
  });
  const answer = await send(server, path, options, body, patience);
  const status = answer.statusCode!;
  if (status >= 200 && status < 300) return answer;
  throw new ClusterRefusal(status, wordsOf(await textOf(answer, server), status));
}

async function send(
  server: URL,
  path: string,
  options: https.RequestOptions,
  body: object | undefined,
  patience: Patience,
): Promise<http.IncomingMessage> {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers: http.OutgoingHttpHeaders = { ...(options.headers as http.OutgoingHttpHeaders) };
  if (bytes !== undefined)
    Object.assign(headers, { "content-type": "application/json", "content-length": bytes.length });
  const url = new URL(server.pathname.replace(/\/$/, "") + path, server);
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === "http:" ? http : https;
    const asked = request(url, { ...options, headers, timeout: limitOf(patience) }, resolve);
    waitFor(asked, patience);
    asked.on("error", (cause) => reject(unreachable(server, cause)));
    asked.end(bytes);
  });
}

/** All of an answer. */
async function textOf(answer: http.IncomingMessage, server: URL): Promise<string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of answer) pieces.push(piece as Buffer);
  } catch (cause) {
    throw unreachable(server, cause);
  }
  return Buffer.concat(pieces).toString();
}

function unreachable(server: URL, cause: unknown): OperatorError {
  return new OperatorError(`cannot reach the cluster at ${server.origin}: ${reasonOf(cause)}`, { cause });
}

function logPathOf({ namespace, pod, container, follow }: PodLog): string {
  const query = new URLSearchParams({
    ...(container === undefined ? {} : { container }),
    ...(follow === true ? { follow: "true" } : {}),
  });
  return `${pathOf({ apiVersion: "v1", kind: "Pod", namespace, name: pod })}/log?${query}`;
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
