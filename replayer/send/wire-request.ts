/** A request as it goes to one lane. Header and trailer lists are flat (name, value, name, value …), latin1. */
export interface WireRequest {
  method: string;
  path: string;
  /** Sent as `Host` or `:authority`. */
  authority: string;
  /** Without host, framing and hop-by-hop fields: these are the sender's to write. Requests alike in them share one list. */
  headers: readonly string[];
  /** What this request alone carries, its identity and marks; goes out after `headers`. */
  own: OwnFields;
  body: Uint8Array | undefined;
  /** The recorded request stated its length, so it is stated again; else a body is framed in chunks, or over HTTP/2 by the stream's end. */
  hasLength: boolean;
  trailers: readonly string[];
  /** What it should go out as, where the target speaks it. */
  protocol: "http/1.1" | "h2";
}

/** Fields of one request alone, in the form that its transport asks for. */
export interface OwnFields {
  /** Flat, latin1. */
  list(): readonly string[];
  /** As they are written in HTTP/1.1, each line with its end; undefined when one is not to be written. */
  lines(): string | undefined;
}

/** All header fields of a request, in the order they go out. */
export function allFields({ headers, own }: Pick<WireRequest, "headers" | "own">): string[] {
  return [...headers, ...own.list()];
}

/** Whether its body goes out in chunks over HTTP/1.1: no length was stated (RFC 9112, section 6.3). */
export function isChunked({ body, hasLength }: Pick<WireRequest, "body" | "hasLength">): boolean {
  return !hasLength && body !== undefined && body.length > 0;
}
