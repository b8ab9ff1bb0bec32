/** A request as it goes to one lane. Header and trailer lists are flat (name, value, name, value …), latin1. */
export interface WireRequest {
  method: string;
  path: string;
  /** Sent as `Host` or `:authority`. */
  authority: string;
  /** Without host, framing and hop-by-hop fields: these are the sender's to write. */
  headers: readonly string[];
  body: Uint8Array | undefined;
  /** The recorded request stated its length, so over HTTP/2, where it may be left out, it is stated again. */
  hasLength: boolean;
  trailers: readonly string[];
  /** What it should go out as, where the target speaks it. */
  protocol: "http/1.1" | "h2";
}
