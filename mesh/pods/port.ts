import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { OperatorError } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";

/**
 * A connection to a port of a pod, through the API server; nothing listens here. Whoever opened it ends, or destroys, it. A
 * port that nothing listens on is known when the stream is destroyed with an OperatorError that says so.
 */
export async function openPort(cluster: Cluster, namespace: string, pod: string, port: number): Promise<Duplex> {
  return inOneLine(`reach port ${port} of pod ${pod} in namespace ${namespace}`, () =>
    cluster.openPort({ namespace, pod, port }),
  );
}

/** A port of a pod on this machine's loopback. */
export interface ForwardedPort {
  /** On 127.0.0.1. */
  port: number;
  /** Why the last connection could not be made, or broke off; undefined when none did. */
  readonly lastFailure: Error | undefined;
  /** Closes it with all its connections. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Listens on a free port of this machine's loopback and passes each connection on to a port of a pod. Throws an OperatorError
 * unless the pod is there and runs; a connection that cannot be made later is closed.
 */
export async function forwardPort(
  cluster: Cluster,
  namespace: string,
  pod: string,
  port: number,
): Promise<ForwardedPort> {
  await requireRunning(cluster, namespace, pod);
  const sockets = new Set<Socket>();
  let lastFailure: Error | undefined;
  const passOn = async (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // "close" follows
    let stream: Duplex | undefined;
    socket.on("close", () => {
      sockets.delete(socket);
      stream?.destroy();
    });
    try {
      stream = await openPort(cluster, namespace, pod, port);
      join(socket, stream, (failure) => {
        lastFailure = failure;
      });
    } catch (failure) {
      lastFailure = failure as Error;
      socket.destroy();
    }
  };
  const server = createServer((socket) => void passOn(socket));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    get lastFailure() {
      return lastFailure;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The channel knows no half-closed state, so what was sent by either side is passed on whole, and then both are closed. */
function join(socket: Socket, stream: Duplex, failed: (failure: Error) => void): void {
  stream.on("error", (failure) => {
    failed(failure);
    socket.destroy();
  });
  stream.on("close", () => socket.end());
  if (stream.destroyed) {
    failed(stream.errored ?? new OperatorError("the connection to the pod closed at once"));
    socket.destroy();
  } else if (socket.destroyed) stream.destroy();
  else {
    socket.pipe(stream, { end: false });
    stream.pipe(socket);
  }
}

async function requireRunning(cluster: Cluster, namespace: string, name: string): Promise<void> {
  const pod = await inOneLine(`read pod ${name}`, () =>
    cluster.read({ apiVersion: "v1", kind: "Pod", namespace, name }),
  );
  if (pod === undefined) throw new OperatorError(`there is no pod ${name} in namespace ${namespace}`);
  const { phase = "Unknown" } = (pod.status ?? {}) as { phase?: string };
  if (phase === "Running") return;
  throw new OperatorError(`pod ${name} in namespace ${namespace} does not run: it is ${phase}`);
}
