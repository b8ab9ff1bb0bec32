import type { Clock, Log } from "../base/index.js";
import { OperatorError } from "../base/index.js";
import type { RedactionKey, TapeWriter } from "../tape/index.js";

/** What a recorder is asked to do. Sizes in bytes, times in milliseconds. */
export interface RecorderOptions {
  /** `HOST:PORT`; port 0 takes a free one. */
  listen: string;
  /** `HOST:PORT` of `/healthz`, `/readyz` and `/metrics`; none without it. */
  admin?: string;
  mode: "mirror" | "inbound";
  /** Mode `inbound`: base URL of the service, `http://HOST:PORT`. It need not be there yet. */
  upstream?: string;
  /** Kept of each body; the rest is read, counted and hashed. Default 1 MiB. */
  maxBodyBytes?: number;
  /** Bound of all memory held by calls in flight and by batches not yet stored. Default 64 MiB. */
  queueBytes?: number;
  /** A call is handed to the store at the latest so long after its end. Default 50. */
  flushMs?: number;
  /** Record requests that carry replay marks, too. Default false. */
  recordReplays?: boolean;
  /** How long `stop()` waits for calls in flight. Default 10,000. */
  drainMs?: number;
  /** A connection that has not shown its protocol by then is closed. Default 10,000. */
  sniffMs?: number;
}

/** What a recorder works with: opened by who starts it. `stop()` closes the writer. */
export interface RecorderEnv {
  writer: TapeWriter;
  clock: Clock;
  key: RedactionKey;
  log: Log;
}

/** Options with their defaults, checked. */
export type RecorderSettings = Required<Omit<RecorderOptions, "admin" | "upstream">> & {
  admin?: string;
  upstream?: URL;
};

const defaults = {
  maxBodyBytes: 2 ** 20,
  queueBytes: 64 * 2 ** 20,
  flushMs: 50,
  recordReplays: false,
  drainMs: 10_000,
  sniffMs: 10_000,
};

/** Throws an OperatorError that names the first option that cannot be. */
export function recorderSettings(options: RecorderOptions): RecorderSettings {
  const { upstream: url, ...given } = options;
  const settings: RecorderSettings = { ...defaults, ...given };
  for (const name of ["maxBodyBytes", "queueBytes", "flushMs", "drainMs", "sniffMs"] as const) {
    if (!(settings[name] >= 0)) throw new OperatorError(`recorder: ${name} must be 0 or more (got ${settings[name]})`);
  }
  if (settings.mode === "mirror") return settings;
  if (url === undefined) throw new OperatorError("recorder: mode inbound needs an upstream URL to forward to");
  return { ...settings, upstream: upstreamUrl(url) };
}

function upstreamUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" || url.hostname === "" || url.pathname !== "/" || url.search !== "") {
    throw new OperatorError(`recorder: upstream "${text}" is not of the form http://HOST:PORT`);
  }
  return url;
}
