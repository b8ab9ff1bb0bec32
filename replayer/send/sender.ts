import type { Clock, OperatorError } from "../../base/index.js";
import type { RedactionKey } from "../../tape/index.js";
import { AnswerCollector, type KnownBody, type Sent } from "./answer-collector.js";
import { ownShortage } from "./failure-reason.js";
import { openHttp1 } from "./http1.js";
import { openHttp1Plain } from "./http1-plain.js";
import { openHttp2 } from "./http2.js";
import type { Transport } from "./transport.js";
import type { WireRequest } from "./wire-request.js";

/** Sends requests to one target. */
export interface Sender {
  /**
   * Sends once, never again, and resolves with whatever became of it. Rejects with an `UnsendableRequest` for a request
   * that cannot be written, and with an OperatorError when this machine cannot open another connection. `known` is a body
   * that is likely to come.
   */
  send(request: WireRequest, timeoutMs: number, known?: KnownBody): Promise<Sent>;
  /** Gives up all that is in flight: their answers end now. */
  giveUp(): void;
  /** Closes all connections. Safe to call twice. */
  close(): Promise<void>;
}

export interface SenderOptions {
  clock: Pick<Clock, "now">;
  /** Requests recorded over HTTP/2, and gRPC, go out over it. */
  http2: boolean;
  /** Most connections of HTTP/1.1; null for as many as calls overlap. */
  connections: number | null;
  keepBodyBytes: number;
  key: RedactionKey;
}

/** Opens the way to an origin (`http://host:port`). Nothing is connected before the first request. */
export function openSender(origin: string, options: SenderOptions): Sender {
  const inFlight = new Set<() => void>();
  let shortage: OperatorError | undefined;
  const onShortage = (thrown: unknown) => {
    shortage ??= ownShortage(thrown, origin);
  };
  const http1 = openHttp1(origin, { connections: options.connections, onShortage });
  const http1Plain = openHttp1Plain(origin, { onShortage });
  const http2 = openHttp2(origin, { onShortage });

  const transportFor = (request: WireRequest): Transport => {
    if (request.protocol === "h2" && options.http2) return http2;
    return request.trailers.length > 0 || !request.path.startsWith("/") ? http1Plain : http1;
  };

  return {
    send(request, timeoutMs, known) {
      return new Promise((resolve, reject) => {
        const settle = (sent: Sent) => {
          clearTimeout(timer);
          inFlight.delete(giveUp);
          if (shortage === undefined) resolve(sent);
          else reject(shortage);
        };
        const collector = new AnswerCollector(options, settle, known);
        let release = () => {};
        const giveUp = () => end("aborted");
        const end = (reason: "aborted" | "timed-out") => {
          collector.broke(reason);
          release();
        };
        const timer = setTimeout(end, timeoutMs, "timed-out");
        inFlight.add(giveUp);
        try {
          release = transportFor(request).send(request, collector);
        } catch (thrown) {
          clearTimeout(timer);
          inFlight.delete(giveUp);
          reject(thrown);
        }
      });
    },
    giveUp() {
      for (const giveUp of [...inFlight]) giveUp();
    },
    async close() {
      await Promise.all([http1.close(), http1Plain.close(), http2.close()]);
    },
  };
}
