import { Duplex, PassThrough, Writable } from "node:stream";
import type { KubeConfig, PortForward } from "@kubernetes/client-node";
import { OperatorError, reasonOf } from "../../base/index.js";
import { ClusterRefusal } from "./cluster.js";

/** A port of a pod: what listens on it may listen on the pod's loopback alone, as Envoy's admin pages do. */
export interface PodPort {
  namespace: string;
  pod: string;
  port: number;
}

/** The WebSocket that the client gives, as far as it is used here. */
type Channel = Exclude<Awaited<ReturnType<PortForward["portForward"]>>, () => unknown>;

/** Stream of the channel that carries bytes to the pod (the API server's portforward protocol, `v4.channel.k8s.io`). */
const dataStream = 0;
/** An API server that does not open the channel within this is taken for gone. */
const openMs = 15_000;

/**
 * Opens a connection to a port of a pod through the API server, without a listening socket. It ends for both sides at
 * once: the protocol has no half-closed state. That nothing listens there is known only when the first bytes are awaited: the
 * stream is then destroyed with an OperatorError. A refusal of the API server is a {@link ClusterRefusal}.
 */
export async function forwardedPort(config: KubeConfig, server: string, at: PodPort): Promise<Duplex> {
  const { PortForward } = await import("@kubernetes/client-node");
  const stream = new PodConnection(at);
  const opening = new PortForward(config).portForward(
    encodeURIComponent(at.namespace),
    encodeURIComponent(at.pod),
    [at.port],
    stream.fromPod,
    stream.failures,
    new PassThrough(), // What is sent is sent by the stream itself: the client would not wait for a slow pod.
  );
  const channel = await inTime(opening as Promise<Channel>).catch((thrown: unknown) => {
    throw refusalOf(thrown, server, at);
  });
  stream.open(channel);
  return stream;
}

async function inTime(opening: Promise<Channel>): Promise<Channel> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${openMs / 1000} s`)), openMs);
  });
  try {
    return await Promise.race([opening, late]);
  } catch (thrown) {
    opening.then(
      (channel) => channel.close(),
      () => {},
    );
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** The client gives an event with a message; the status is all it keeps of an answer that is no upgrade. */
function refusalOf(thrown: unknown, server: string, { namespace, pod, port }: PodPort): Error {
  const words = thrown instanceof Error ? reasonOf(thrown) : String((thrown as { message?: unknown }).message);
  const status = /^Unexpected server response: (\d{3})$/.exec(words)?.[1];
  if (status === undefined) return new OperatorError(`cannot reach the cluster at ${server}: ${words}`);
  const what = `port ${port} of pod ${pod} in namespace ${namespace}`;
  const why: Record<string, string> = {
    403: `you may not forward ports: the verbs are get and create on pods/portforward`,
    404: `there is no such pod`,
  };
  return new ClusterRefusal(Number(status), `${what}: ${why[status] ?? `the API server answered ${status}`}`);
}

/** Both directions of one connection, as frames of the channel: the first byte names the stream. */
class PodConnection extends Duplex {
  readonly #at: PodPort;
  #channel: Channel | undefined;

  constructor(at: PodPort) {
    super({ allowHalfOpen: false });
    this.#at = at;
    // The node may refuse in the very moment the channel opens, before whoever asked for it can listen.
    this.on("error", () => {});
  }

  /** What the pod sends. A reader that is slower stops the channel. */
  readonly fromPod = new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      if (!this.destroyed && bytes.length > 0 && !this.push(bytes)) this.#channel?.pause();
      done();
    },
  });

  /** What the node says when it cannot reach the port. */
  readonly failures = new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      if (bytes.length > 0) this.destroy(this.#cannot(bytes.toString().trim()));
      done();
    },
  });

  open(channel: Channel): void {
    this.#channel = channel;
    channel.on("close", () => {
      this.push(null);
      this.end();
    });
    if (this.destroyed) channel.close();
  }

  override _read(): void {
    this.#channel?.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const frame = Buffer.allocUnsafe(bytes.length + 1);
    frame[0] = dataStream;
    bytes.copy(frame, 1);
    this.#channel!.send(frame, (error) => done(error == null ? null : this.#cannot(reasonOf(error))));
  }

  override _final(done: () => void): void {
    this.#channel?.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel?.terminate();
    done(error);
  }

  #cannot(why: string): OperatorError {
    const { namespace, pod, port } = this.#at;
    return new OperatorError(`cannot reach port ${port} of pod ${pod} in namespace ${namespace}: ${why}`);
  }
}
