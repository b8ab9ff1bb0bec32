import type { Clock, OperatorError } from "../../base/index.js";
import type { RedactionKey } from "../../tape/index.js";
import type { AnswerCollector } from "./answer-collector.js";
import { Deadlines } from "./deadlines.js";
import { ownShortage } from "./failure-reason.js";
import { Flying } from "./flying.js";
import { openHttp1 } from "./http1.js";
import { openHttp1Direct } from "./http1-direct.js";
import { openHttp1Plain } from "./http1-plain.js";
import { openHttp2 } from "./http2.js";
import type { Expected, Landing } from "./landing.js";
import type { WireRequest } from "./wire-request.js";

/** Sends requests to one target. */
export interface Sender {
  /** Sends once, never again. Never throws; what comes of it is told at once or later. */
  send(request: WireRequest, expected: Expected, landing: Landing): void;
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
  /** What TLS asks for and holds the certificate against; nothing, and the address, where it is undefined. */
  serverName?: string | undefined;
}

/** Opens the way to an origin (`http://host:port`). Nothing is connected before the first request. */
export function openSender(origin: string, options: SenderOptions): Sender {
  const deadlines = new Deadlines<Flying>(options.clock);
  let shortage: OperatorError | undefined;
  const onShortage = (thrown: unknown) => {
    shortage ??= ownShortage(thrown, origin);
  };
  const { clock, connections, keepBodyBytes, key, serverName } = options;
  const direct = openHttp1Direct(origin, { clock, connections, onShortage });
  const http1 = openHttp1(origin, { connections, onShortage, serverName });
  const http1Plain = openHttp1Plain(origin, { onShortage, serverName });
  const http2 = openHttp2(origin, { onShortage, serverName });

  const start = (request: WireRequest, collector: AnswerCollector): (() => void) => {
    if (request.protocol === "h2" && options.http2) return http2.send(request, collector);
    const release = direct?.send(request, collector);
    if (release !== undefined) return release;
    const isForUndici = request.trailers.length === 0 && request.path.startsWith("/");
    return (isForUndici ? http1 : http1Plain).send(request, collector);
  };

  const takeoff = { clock, keepBodyBytes, key, deadlines, shortage: () => shortage };
  return {
    send(request, expected, landing) {
      const flying = new Flying(takeoff, expected, landing);
      try {
        flying.release = start(request, flying.collector);
      } catch (thrown) {
        flying.fail(thrown);
      }
    },
    giveUp() {
      for (const flying of deadlines.running()) flying.giveUp("aborted");
    },
    async close() {
      deadlines.close();
      await Promise.all([direct?.close(), http1.close(), http1Plain.close(), http2.close()]);
    },
  };
}
