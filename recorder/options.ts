import type { Clock, Log } from "../base/index.js";
import { OperatorError } from "../base/index.js";
import type { RedactionKey, TapeWriter } from "../tape/index.js";
import type { PullOptions } from "./admin/segment-pages.js";
import { type UpstreamAddress, type UpstreamTls, upstreamAddress } from "./forward/upstream-address.js";
import { checkKeepOptions, type KeepOptions } from "./keep/options.js";
import type { ListenTls } from "./listen/secure.js";
import type { OutboundRoutes } from "./outbound/routes.js";

/**
 * What a recorder is asked to do. Sizes in bytes, times in milliseconds.
 *
 * One recorder has one or more doors: `listen` and `mode` say the first, each further door is an optional group of
 * options of its own (`outbound`). To add a kind of door:
 *
 * 1. its name in `DoorName`, `doors/door.ts`: what its address is called in the line that says the recorder is ready;
 * 2. its options here, as one optional property `name?: { listen: …, … }`, their defaults and checks in
 *    {@link recorderSettings};
 * 3. in its own folder, a function that opens it (`Door`, with the vantage it gives to `capture.begin`; HTTP doors have
 *    `openHttpDoor` and bring a `Mode`);
 * 4. a line in `doors/plan-doors.ts`.
 *
 * Budget, counts, write-behind, tape, admin port and drain are the recorder's and come as `DoorParts`.
 */
export interface RecorderOptions {
  /** `HOST:PORT`; port 0 takes a free one. */
  listen: string;
  /** `HOST:PORT` of `/healthz`, `/readyz` and `/metrics`; none without it. */
  admin?: string;
  /** Lets the tape be pulled over the admin port. */
  pull?: PullOptions;
  mode: "mirror" | "inbound" | "outbound" | "ext-proc";
  /** TLS at `listen`; without it plain connections are taken. */
  tls?: ListenTls;
  /** Mode `inbound`: base URL of the service, `http://HOST:PORT` or `https://…`. It need not be there yet. */
  upstream?: string;
  upstreamTls?: UpstreamTls;
  /** Mode `outbound`; beside another mode, with `listen`, a door of its own. */
  outbound?: OutboundOptions;
  /** Mode `mirror`: where Envoy sends its access log, so that copies of requests learn how they were answered. */
  accessLog?: { listen: string };
  /** Kept of each body; the rest is read, counted and hashed. Default 1 MiB. */
  maxBodyBytes?: number;
  /** Bound of all memory held by calls in flight and by batches not yet stored. Default 64 MiB. */
  queueBytes?: number;
  /** A call is handed to the store at the latest so long after its end. Default 50. */
  flushMs?: number;
  /** Record requests that carry replay marks, too. Default false. */
  recordReplays?: boolean;
  /** Which calls are kept. Default: all. */
  keep?: KeepOptions;
  /** How long `stop()` goes on taking calls, while `/readyz` says that none should come. Default 0. */
  drainDelayMs?: number;
  /** How long `stop()` then waits for calls in flight. Default 10,000. */
  drainMs?: number;
  /** A connection that has not shown its protocol by then is closed. Default 10,000. */
  sniffMs?: number;
  /** Of all fields of a request, or an answer, together. Default 256 KiB; Envoy lets 60 KiB through by default. */
  maxHeaderBytes?: number;
  /** Connections at each port; more are closed at once. Default 10,000. */
  maxConnections?: number;
  /** A connection without a call, and a tunnel without a byte, for so long is closed; 0: never. Default 1 hour, as Envoy's. */
  idleMs?: number;
}

/** Calls that a service makes. */
export interface OutboundOptions {
  /** `HOST:PORT`, where `mode` is another. */
  listen?: string;
  /** Without routes: only calls that speak as to a proxy go on. */
  routes?: OutboundRoutes;
  /** Takes calls from other machines, too: then `routes` must say which hosts may be reached by name. Default false. */
  allowRemoteClients?: boolean;
}

/** What a recorder works with: opened by who starts it. `stop()` closes the writer. */
export interface RecorderEnv {
  writer: TapeWriter;
  clock: Clock;
  key: RedactionKey;
  log: Log;
}

/** Options with their defaults, checked. */
export type RecorderSettings = Required<Omit<RecorderOptions, OptionalName | "upstream">> &
  Pick<RecorderOptions, OptionalName> & { upstream?: UpstreamAddress };
type OptionalName = "admin" | "pull" | "keep" | "tls" | "upstreamTls" | "outbound" | "accessLog";

const defaults = {
  maxBodyBytes: 2 ** 20,
  queueBytes: 64 * 2 ** 20,
  flushMs: 50,
  recordReplays: false,
  drainDelayMs: 0,
  drainMs: 10_000,
  sniffMs: 10_000,
  maxHeaderBytes: 256 * 1024,
  maxConnections: 10_000,
  idleMs: 3_600_000,
};
const sizesAndTimes = [
  ...(["maxBodyBytes", "queueBytes", "flushMs", "drainDelayMs", "drainMs", "sniffMs"] as const),
  ...(["maxHeaderBytes", "maxConnections", "idleMs"] as const),
];

/** Throws an OperatorError that names the first option that cannot be. */
export function recorderSettings(options: RecorderOptions): RecorderSettings {
  const { upstream: url, ...given } = options;
  const settings: RecorderSettings = { ...defaults, ...given };
  for (const name of sizesAndTimes) {
    if (!(settings[name] >= 0)) throw new OperatorError(`recorder: ${name} must be 0 or more (got ${settings[name]})`);
  }
  if (settings.keep !== undefined) checkKeepOptions(settings.keep, [settings.mode]);
  checkOutbound(settings);
  if (settings.accessLog !== undefined && settings.mode !== "mirror") {
    throw new OperatorError(
      `recorder: an access log tells how copies of requests were answered: it needs mode mirror (got ${settings.mode})`,
    );
  }
  if (settings.mode !== "inbound") return settings;
  if (url === undefined) throw new OperatorError("recorder: mode inbound needs an upstream URL to forward to");
  return { ...settings, upstream: upstreamAddress(upstreamUrl(url), settings.upstreamTls) };
}

/** A proxy that forwards for anyone who reaches it is a hole in somebody's network: that needs two words. */
function checkOutbound({ mode, listen, outbound }: RecorderSettings): void {
  if (mode === "outbound" && outbound?.listen !== undefined) {
    throw new OperatorError("recorder: mode outbound has one address for outbound calls, that of listen");
  }
  const address = mode === "outbound" ? listen : outbound?.listen;
  if (address === undefined || /^(127\.[\d.]+|localhost|\[::1\]):\d+$/.test(address)) return;
  if (outbound?.allowRemoteClients !== true) {
    throw new OperatorError(
      `recorder: outbound calls at ${address} would be forwarded for anyone who reaches it: listen on 127.0.0.1, or allow remote clients`,
    );
  }
  if (outbound.routes?.allow === undefined) {
    throw new OperatorError("recorder: with remote clients the routes must say by `allow` which hosts may be reached");
  }
}

function upstreamUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === undefined || !isHttp || url.hostname === "" || url.pathname !== "/" || url.search !== "") {
    throw new OperatorError(`recorder: upstream "${text}" is not of the form http://HOST:PORT`);
  }
  return url;
}
