import { isChunked, type WireRequest } from "./wire-request.js";

/** Methods whose requests have a body as a rule, so its absence is stated by a length of 0 (RFC 9110, section 8.6). */
const withBody: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);
const withoutBody: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "DELETE"]);

const plainTarget = /^\/[\x21-\x7e\x80-\xff]*$/;
/** What a field's name and value may be (RFC 9110, section 5). */
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The head of a plain request as it is written in HTTP/1.1, latin1, up to where its body begins: one of the common
 * methods, a path, a body or none, no trailers, nothing that a peer could read in two ways. Undefined for every other:
 * that is for a full client to send or to refuse.
 */
export function plainHead(request: WireRequest): string | undefined {
  const { method, path, authority, body } = request;
  const shared = sharedLines(authority, request.headers);
  const own = request.own.lines();
  if (shared === undefined || own === undefined || request.trailers.length > 0) return undefined;
  if (!plainTarget.test(path)) return undefined;
  let framing = "\r\n";
  if (withBody.has(method))
    framing = isChunked(request) ? chunkBefore(body!) : `content-length: ${body?.length ?? 0}\r\n\r\n`;
  else if (body !== undefined || !withoutBody.has(method)) return undefined;
  return `${method} ${path}${shared}${own}${framing}`;
}

/** How large the recorded chunks were nobody knows: the body is one. */
function chunkBefore(body: Uint8Array): string {
  return `transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`;
}

/** What ends the body that follows the head of a plain request in chunks (RFC 9112, section 7.1). */
export const afterLastChunk = "\r\n0\r\n\r\n";

/** What requests alike in their fields share: from after the path to before their own fields. */
interface SharedLines {
  authority: string;
  text: string | undefined;
}

const known = new WeakMap<readonly string[], SharedLines>();

/** Undefined when they are not to be written. */
function sharedLines(authority: string, flat: readonly string[]): string | undefined {
  let shared = known.get(flat);
  if (shared?.authority !== authority) {
    const fields = fieldValue.test(authority) ? fieldLines(flat) : undefined;
    shared = { authority, text: fields === undefined ? undefined : ` HTTP/1.1\r\nhost: ${authority}\r\n${fields}` };
    known.set(flat, shared);
  }
  return shared.text;
}

/** Fields as they are written in HTTP/1.1; undefined when one is not to be written. */
export function fieldLines(flat: readonly string[]): string | undefined {
  let text = "";
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [name, value] = [flat[at]!, flat[at + 1]!];
    if (!fieldName.test(name) || !fieldValue.test(value)) return undefined;
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
