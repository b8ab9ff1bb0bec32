import { silentLog, systemClock } from "../../base/index.js";
import { type RunningRecorder, startRecorder } from "../../recorder/index.js";
import { type Behaviour, compileBehaviour } from "../../simple-service/behave/behaviour.js";
import { openPeers } from "../../simple-service/peers.js";
import { type RunningService, serve } from "../../simple-service/serve.js";
import type { TapeWriter } from "../../tape/index.js";
import { testKey } from "../support/redaction.js";
import { type HopName, type HopVersion, hopNames, type MeshVersion } from "./case.js";
import { type AbortingEdge, startAbortingEdge } from "./services/aborting-edge.js";
import { serveGrpc } from "./services/grpc-service.js";

/** The three services in one version, with a recorder before each, on real sockets in this process. */
export interface World {
  /** Where users call: the recorder before the first service. */
  entry: URL;
  /** Ends the recorders first, so that all they have seen is on their tape. Safe to call twice. */
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Of all cases that share it. */
  versions: readonly MeshVersion[];
  writerFor: (service: HopName) => TapeWriter;
  /** Records replayed requests too, as recorders inside a target do. */
  recordReplays: boolean;
  /** Calls to this service are aborted where they carry the mark, before its recorder sees them. */
  aborted?: { to: HopName; mark: string } | undefined;
}

/** From the last service up, for each must know where the one it calls listens. */
export async function startWorld({ versions, writerFor, recordReplays, aborted }: WorldOptions): Promise<World> {
  const services: Pick<RunningService, "listen" | "stop">[] = [];
  const recorders: RunningRecorder[] = [];
  const edges: AbortingEdge[] = [];
  const peers = new Map<string, URL>();
  for (const name of hopNames.toReversed()) {
    const running = await startService(
      name,
      versions.flatMap((version) => version[name] ?? []),
      peers,
    );
    services.push(running);
    const recorder = await startRecorder(
      { listen: "127.0.0.1:0", mode: "inbound", upstream: `http://${running.listen}`, recordReplays, flushMs: 5 },
      { writer: writerFor(name), clock: systemClock(), key: testKey, log: silentLog },
    );
    recorders.push(recorder);
    const way = new URL(`http://${recorder.listen}`);
    const edge = aborted?.to === name ? await startAbortingEdge(way, aborted.mark) : undefined;
    if (edge !== undefined) edges.push(edge);
    peers.set(name, edge?.url ?? way);
  }
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await Promise.all(recorders.map((recorder) => recorder.stop()));
    await Promise.all(edges.map((edge) => edge.stop()));
    await Promise.all(services.map((service) => service.stop()));
  };
  return { entry: peers.get("front")!, stop: () => (stopped ??= stop()) };
}

/** Speaks gRPC when any of the cases that share it does. */
async function startService(name: HopName, parts: readonly HopVersion[], peers: ReadonlyMap<string, URL>) {
  const grpc = parts.flatMap((part) => part.grpc ?? []);
  if (grpc.length > 0) return await serveGrpc(grpc, peers.get(hopNames[hopNames.indexOf(name) + 1] ?? ""));
  const behaviour = behaviourOf(parts);
  const service = { name, peers: openPeers(new Map(peers)), behaviour, counts: new Map<string, number>() };
  return await serve(service, { host: "127.0.0.1", port: 0 });
}

/** What all cases want of one service, as one. */
function behaviourOf(parts: readonly HopVersion[]): Behaviour {
  const programs = parts.flatMap(({ program }) => program ?? []);
  // Each by itself: what a change draws by chance depends on its place in the file.
  const written = parts.map(({ routes = [], changes = [] }) =>
    compileBehaviour({ version: "v", routes: [...routes], changes: [...changes] }),
  );
  return {
    version: "v",
    answer(request, service) {
      for (const program of programs) {
        const reply = program(request, service);
        if (reply !== undefined) return reply;
      }
      for (const one of written) {
        const reply = one.answer(request, service);
        if (reply !== undefined) return reply;
      }
      return undefined;
    },
  };
}
