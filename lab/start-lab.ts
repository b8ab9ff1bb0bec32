import { OperatorError } from "../base/index.js";
import {
  type Destination,
  parseVirtualServices,
  serviceOf,
  type VirtualService,
  warningsOf,
} from "../virtual-service/index.js";
import { createEdge, type Edge } from "./edge.js";
import { createForwarder } from "./forward.js";
import { type Instance, nameOf, startInstance } from "./instance.js";
import type { Mesh } from "./mesh.js";
import type { Observed } from "./observed.js";
import type { Topology } from "./topology.js";

/** A small mesh on loopback: services as child processes, an edge in front of each. */
export interface Lab {
  /** Where calls from outside enter a service: its edge. */
  entry(service: string): Promise<URL>;
  /** A service's own address, behind its edge: what an inbound recorder forwards to. */
  address(service: string, version?: string): URL;
  /** The process of a service. */
  processId(service: string, version?: string): number;
  /** From now on calls to a service go to this address instead of its own; undefined puts that back. */
  setInboundVia(service: string, url: string | undefined, version?: string): void;
  /** Replaces the VirtualServices in force; an empty text removes them. Gives warnings; throws an OperatorError. */
  setVirtualServices(yaml: string, fileName: string): string[];
  /** What the edge of a service has done so far. */
  observed(service: string): Readonly<Observed>;
  /** Those that died without being asked to, one line each. */
  readonly deaths: readonly string[];
  /** Ends all processes, by pid, and closes all edges. Safe to call twice, and after a service's death. */
  stop(): Promise<void>;
}

/** Starts a lab. Throws an OperatorError that names the service that could not be started; nothing is left running then. */
export async function startLab(topology: Topology): Promise<Lab> {
  const running: Running = {
    topology,
    instances: [],
    edges: new Map(),
    virtualServices: [],
    deaths: [],
    stopping: false,
  };
  const mesh = createMesh(running);
  setVirtualServices(running, topology.virtualServices);
  for (const { name } of topology.services)
    if (!running.edges.has(name)) running.edges.set(name, createEdge(name, mesh));
  const stop = () => stopAll(running, mesh);
  topology.signal?.addEventListener("abort", () => void stop(), { once: true });
  try {
    await startInstances(running);
    topology.signal?.throwIfAborted();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    entry: (service) => edgeOf(running, service).openFor(undefined),
    address: (service, version) => instanceOf(running, service, version).url,
    processId: (service, version) => instanceOf(running, service, version).process.pid,
    setInboundVia(service, url, version) {
      instanceOf(running, service, version).via = url === undefined ? undefined : new URL(url);
    },
    setVirtualServices: (yaml, fileName) => setVirtualServices(running, { yaml, fileName }),
    observed: (service) => edgeOf(running, service).observed,
    deaths: running.deaths,
    stop,
  };
}

interface Running {
  topology: Topology;
  instances: Instance[];
  edges: Map<string, Edge>;
  virtualServices: readonly VirtualService[];
  deaths: string[];
  stopping: boolean;
}

function createMesh(running: Running): Mesh {
  return {
    seed: running.topology.seed ?? "lab",
    virtualServices: () => running.virtualServices,
    locate: (destination) => locate(running, destination),
    forwarder: createForwarder(),
  };
}

function locate({ topology, instances }: Running, { host, subset }: Destination): URL | undefined {
  const outside = topology.outside?.[host] ?? topology.outside?.[serviceOf(host)];
  if (outside !== undefined) return new URL(outside);
  const named = instances.filter(({ name }) => name === serviceOf(host));
  const instance = subset === undefined ? named[0] : named.find(({ version }) => version === subset);
  return instance && (instance.via ?? instance.url);
}

/** All at once; each gets an address of its own for every other service, so that its edge knows who calls. */
async function startInstances(running: Running): Promise<void> {
  const started = await Promise.allSettled(
    running.topology.services.map(async (spec) => startInstance(spec, await peersOf(running, spec.name))),
  );
  running.instances = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = started.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  for (const instance of running.instances) void noticeDeath(running, instance);
}

async function peersOf({ edges }: Running, caller: string): Promise<Map<string, URL>> {
  const others = [...edges].filter(([name]) => name !== caller);
  return new Map(await Promise.all(others.map(async ([name, edge]) => [name, await edge.openFor(caller)] as const)));
}

async function noticeDeath(running: Running, instance: Instance): Promise<void> {
  const how = await instance.process.ended;
  if (running.stopping) return;
  const sentence = `${nameOf(instance)} (process ${instance.process.pid}) died: ${how}`;
  running.deaths.push(sentence);
  running.topology.onDeath?.(sentence);
}

function setVirtualServices(running: Running, written: Topology["virtualServices"]): string[] {
  running.virtualServices = written ? parseVirtualServices(written.yaml, written.fileName) : [];
  return warningsOf(running.virtualServices);
}

function edgeOf({ edges }: Running, service: string): Edge {
  const edge = edges.get(service);
  if (!edge) throw new OperatorError(`no service "${service}" in the lab; there are ${[...edges.keys()].join(", ")}`);
  return edge;
}

function instanceOf({ instances }: Running, service: string, version: string | undefined): Instance {
  const found = instances.find((one) => one.name === service && (version === undefined || one.version === version));
  if (found) return found;
  const known = instances.map(nameOf).join(", ");
  throw new OperatorError(`no service "${nameOf({ name: service, version })}" in the lab; there are ${known}`);
}

// Asked for again, it stops what has been started since: an abort may come while services are starting.
async function stopAll(running: Running, mesh: Mesh): Promise<void> {
  running.stopping = true;
  await Promise.all(running.instances.map(({ process }) => process.stop()));
  await Promise.all([...running.edges.values()].map((edge) => edge.close()));
  mesh.forwarder.close();
}
