import type { Clock, OperatorError } from "../../base/index.js";
import type { RedactionKey } from "../../tape/index.js";
import type { AnswerCollector } from "./answer-collector.js";
import { Deadlines } from "./deadlines.js";
import { ownShortage, tlsTroubleOf } from "./failure-reason.js";
import { Flying } from "./flying.js";
import { openHttp1 } from "./http1.js";
import { openHttp1Direct } from "./http1-direct.js";
import { openHttp1Plain } from "./http1-plain.js";
import { openHttp2 } from "./http2.js";
import type { Expected, Landing } from "./landing.js";
import type { SecureOptions } from "./secure.js";
import type { WireRequest } from "./wire-request.js";

/** Sends requests to one target. */
export interface Sender {
  /** Sends once, never again. Never throws; what comes of it is told at once or later. */
  send(request: WireRequest, expected: Expected, landing: Landing): void;
  /** Gives up all that is in flight: their answers end now. */
  giveUp(): void;
  /** Why TLS with the target failed the first time; undefined while it has not. */
  readonly tlsTrouble: string | undefined;
  /** Closes all connections. Safe to call twice. */
  close(): Promise<void>;
}

export interface SenderOptions {
  clock: Pick<Clock, "now">;
  /** Requests recorded over HTTP/2, and gRPC, go out over it. */
  http2: boolean;
  /** Most connections of HTTP/1.1; null for as many as calls overlap. */
  connections: number | null;
  /** For an https origin. */
  secure?: SecureOptions;
  keepBodyBytes: number;
  key: RedactionKey;
}

/** Opens the way to an origin (`http://host:port`). Nothing is connected before the first request. */
export function openSender(origin: string, options: SenderOptions): Sender {
  const deadlines = new Deadlines<Flying>(options.clock);
  let shortage: OperatorError | undefined;
  let tlsTrouble: string | undefined;
  const onTrouble = (thrown: unknown) => {
    shortage ??= ownShortage(thrown, origin);
    tlsTrouble ??= tlsTroubleOf(thrown);
  };
  const { clock, connections, keepBodyBytes, key, secure = {} } = options;
  const direct = openHttp1Direct(origin, { clock, connections, onTrouble });
  const http1 = openHttp1(origin, { connections, secure, onTrouble });
  const http1Plain = openHttp1Plain(origin, { secure, onTrouble });
  const http2 = openHttp2(origin, { secure, onTrouble });

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
    get tlsTrouble() {
      return tlsTrouble;
    },
    async close() {
      deadlines.close();
      await Promise.all([direct?.close(), http1.close(), http1Plain.close(), http2.close()]);
    },
  };
}
