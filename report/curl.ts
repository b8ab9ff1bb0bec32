import type { Body, HeaderField } from "../message/index.js";
import { curlTlsOptions, type Lane, printfOf, type SentRequest, type StepRecord, shellWord } from "../tape/index.js";
import { visibleLine } from "./visible.js";

/** Methods whose requests come with a body as a rule (RFC 9110, section 9.3). */
const withBody = new Set(["POST", "PUT", "PATCH"]);

/** Longer bodies are left to a file: nobody copies a line of that length. */
const mostBodyBytes = 8 * 1024;

/**
 * A shell line that sends the Step's request to a lane by hand; undefined where a request target is no path. With what
 * was `sent` it is complete: fields that the operator gave stand as shell variables named like them, for their values
 * are kept nowhere. Without, or where the body is long or not kept whole, a body is read from the file `BODY`.
 */
export function curlLine(
  { method, path, protocol }: Pick<StepRecord, "method" | "path" | "protocol">,
  { target, tls }: Pick<Lane, "target" | "tls">,
  sent?: SentRequest,
): string | undefined {
  if (!path.startsWith("/")) return undefined;
  const body = bodyOf(method, sent?.body);
  const options = [
    "-sSi",
    ...(/[[\]{}]/.test(path) ? ["--globoff"] : []),
    ...(/\/\.{1,2}(\/|$|\?)/.test(path) ? ["--path-as-is"] : []),
    ...(protocol === "h2" && target.startsWith("http:") ? ["--http2-prior-knowledge"] : []),
    ...curlTlsOptions(tls),
    ...methodOptions(method, body.option !== undefined),
    ...(sent === undefined ? [] : fieldOptions(sent, body.option !== undefined)),
    ...(body.option === undefined ? [] : [body.option]),
  ];
  return `${body.pipe}curl ${options.join(" ")} ${quoted(target.replace(/\/+$/, "") + path)}`;
}

function methodOptions(method: string, hasBody: boolean): string[] {
  if (method === "HEAD") return ["--head"];
  return method === "GET" && !hasBody ? [] : [`--request ${quoted(method)}`];
}

/** Where curl takes the body from: an argument, what is piped into it, the file `BODY`; or nowhere. */
function bodyOf(method: string, body: Body | undefined): { pipe: string; option?: string } {
  const fromFile = { pipe: "", option: "--data-binary @BODY" };
  if (body === undefined) return withBody.has(method) ? fromFile : { pipe: "" };
  if (body.kind === "empty") return { pipe: "" };
  if (body.kind !== "whole" || body.bytes.length > mostBodyBytes) return fromFile;
  if (isPlain(body.bytes) && body.bytes[0] !== 0x40) {
    return { pipe: "", option: `--data-binary ${shellWord(Buffer.from(body.bytes).toString("latin1"))}` };
  }
  return { pipe: `${printfOf(body.bytes)} | `, option: "--data-binary @-" };
}

/** What curl adds by itself is taken out where it was not sent. */
function fieldOptions({ headers, given }: SentRequest, hasBody: boolean): string[] {
  const names = new Set([...headers.map(([name]) => name), ...given].map((name) => name.toLowerCase()));
  const unsent = ["user-agent", "accept", ...(hasBody ? ["content-type"] : [])].filter((name) => !names.has(name));
  return [
    ...headers.map((field) => `-H ${fieldWord(field)}`),
    ...given.map((name) => `-H ${shellWord(`${name}: `)}"$${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}"`),
    ...unsent.map((name) => `-H '${name}:'`),
  ];
}

/** Field values are bytes: those that are no printable ASCII would come out of a page as others. */
function fieldWord([name, value]: HeaderField): string {
  const text = value === "" ? `${name};` : `${name}: ${value}`;
  const bytes = Buffer.from(text, "latin1");
  return isPlain(bytes) ? shellWord(text) : `"$(${printfOf(bytes)})"`;
}

function isPlain(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte <= 0x7e);
}

/** As one word of a POSIX shell. */
function quoted(word: string): string {
  return shellWord(visibleLine(word));
}
