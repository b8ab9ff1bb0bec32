import type { WireRequest } from "./wire-request.js";

/** Methods whose requests have a body as a rule, so its absence is stated by a length of 0 (RFC 9110, section 8.6). */
const withBody: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);
const withoutBody: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "DELETE"]);

const plainTarget = /^\/[\x21-\x7e\x80-\xff]*$/;
/** What a field's name and value may be (RFC 9110, section 5). */
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The head of a plain request as it is written in HTTP/1.1, latin1: one of the common methods, a path, a body or none,
 * no trailers, nothing that a peer could read in two ways. Undefined for every other: that is for a full client to send
 * or to refuse.
 */
export function plainHead(request: WireRequest): string | undefined {
  const { method, path, authority, body } = request;
  const fields = textOfShared(request.headers);
  const own = request.own.lines();
  if (fields === undefined || own === undefined || request.trailers.length > 0) return undefined;
  if (!plainTarget.test(path) || !isFieldValue(authority)) return undefined;
  let framing = "";
  if (withBody.has(method)) framing = `content-length: ${body?.length ?? 0}\r\n`;
  else if (body !== undefined || !withoutBody.has(method)) return undefined;
  return `${method} ${path} HTTP/1.1\r\nhost: ${authority}\r\n${fields}${own}${framing}\r\n`;
}

let lastValue: string | undefined;

/** Most requests have the authority of the one before. */
function isFieldValue(value: string): boolean {
  if (value === lastValue) return true;
  if (!fieldValue.test(value)) return false;
  lastValue = value;
  return true;
}

const sharedTexts = new WeakMap<readonly string[], { text: string | undefined }>();

function textOfShared(flat: readonly string[]): string | undefined {
  let known = sharedTexts.get(flat);
  if (known === undefined) {
    known = { text: fieldLines(flat) };
    sharedTexts.set(flat, known);
  }
  return known.text;
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
