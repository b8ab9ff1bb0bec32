import { inBytes } from "../../base/index.js";
import { allValues, type Body, firstValue, type HeaderList } from "../../message/index.js";
import type { Exchange, Request } from "../exchange.js";
import { isWebSocketMessage } from "../redaction/frames.js";
import type { TlsFiles } from "../run.js";
import { printfOf, shellWord } from "./shell-word.js";
import { curlTlsOptions } from "./tls-options.js";

/** Longer words are not taken as arguments by the system (128 KiB on Linux); a shell's own `printf` takes them. */
const longestArgumentBytes = 100_000;

/**
 * A shell command that sends the request of an Exchange again, complete: method, target, header fields, body. Lines that
 * begin with `#` say what it cannot hold, and where pseudonyms stand in place of secrets. Characters are bytes (latin1): write
 * it as such. It ends with a line feed. `tls`: files that an https target needs.
 */
export function curlCommand(exchange: Exchange, tls?: TlsFiles): string {
  const { id, redacted } = exchange;
  const isUpgrade =
    exchange.frames.some(isWebSocketMessage) || (exchange.answer.kind === "response" && exchange.answer.status === 101);
  // What follows a handshake is no body of a request.
  const request: Request = isUpgrade ? { ...exchange.request, body: { kind: "empty" } } : exchange.request;
  const notes = [
    ...(isUpgrade ? ["a change of protocol: the handshake alone"] : []),
    ...notesOf(request, redacted.request),
  ];
  const comments = notes.map((note) => `# ${id}: ${note.replace(/[^\x20-\x7e]/g, "?")}\n`);
  if (request.method === "CONNECT") return `# ${id}: CONNECT ${request.authority} is a tunnel, no request of its own\n`;
  const bytes = bytesOf(request.body);
  const isWord = bytes.length > 0 && isArgument(bytes);
  const body = bytes.length === 0 ? [] : [`--data-binary ${isWord ? shellWord(latin1(bytes)) : "@-"}`];
  const pipe = bytes.length === 0 || isWord ? "" : `${printfOf(bytes)} | `;
  const options = [...optionsOf(request), ...curlTlsOptions(tls), ...headerOptions(request), ...body];
  const words = [...options, shellWord(urlOf(request))];
  return `${comments.join("")}${pipe}curl ${words.join(" ")}\n`;
}

function notesOf({ body, trailers, end }: Request, redacted: readonly string[]): string[] {
  const notes: string[] = [];
  if (redacted.length > 0) notes.push(`pseudonyms, not the secrets themselves, at ${redacted.join(", ")}`);
  if (body.kind === "cut") notes.push(`the body is cut: ${inBytes(body.bytes.length)} of ${inBytes(body.fullBytes)}`);
  if (body.kind === "unredactable") notes.push(`the body (${inBytes(body.fullBytes)}) is not on the tape`);
  if (trailers.length > 0) notes.push(`trailers are left out: ${trailers.map(([name]) => name).join(", ")}`);
  if (end !== "complete") notes.push(`the request was ${end}`);
  return notes;
}

function optionsOf({ method, path, protocol, scheme, body }: Request): string[] {
  return [
    "-sSi",
    ...(/[[\]{}]/.test(path) ? ["--globoff"] : []),
    ...(/\/\.{1,2}(\/|$|\?)/.test(path) ? ["--path-as-is"] : []),
    versionOption(protocol, scheme),
    ...methodOptions(method, body),
    ...(path.startsWith("/") ? [] : [`--request-target ${shellWord(path)}`]),
  ];
}

function versionOption(protocol: Request["protocol"], scheme: string): string {
  if (protocol === "h2") return scheme === "https" ? "--http2" : "--http2-prior-knowledge";
  return protocol === "http/1.0" ? "--http1.0" : "--http1.1";
}

function methodOptions(method: string, body: Body): string[] {
  if (method === "HEAD") return ["--head"];
  const byItself = bytesOf(body).length > 0 ? "POST" : "GET";
  return method === byItself ? [] : [`--request ${shellWord(method)}`];
}

/** What curl adds by itself: named without a value where it was not sent. */
const curlsOwn = ["user-agent", "accept"];

function headerOptions(request: Request): string[] {
  const { headers, authority, body } = request;
  const sent = headers.filter(([name, value]) => !isCurls(name.toLowerCase(), value, authority));
  const unsent = [...curlsOwn, ...(bytesOf(body).length > 0 ? ["content-type", "expect"] : [])];
  const suppressed = unsent.filter((name) => firstValue(headers, name) === undefined).map((name) => `-H '${name}:'`);
  return [...sent.map(headerOption), ...suppressed];
}

function isCurls(lowerName: string, value: string, authority: string): boolean {
  return lowerName === "content-length" || (lowerName === "host" && value === authority);
}

/** `-H 'name;'` sends the field with no value; `-H 'name:'` would take it out. */
function headerOption([name, value]: HeaderList[number]): string {
  return `-H ${shellWord(value === "" ? `${name};` : `${name}: ${value}`)}`;
}

function urlOf({ scheme, authority, path, headers }: Request): string {
  const host = authority || allValues(headers, "host")[0] || "localhost";
  return `${scheme}://${host}${path.startsWith("/") ? path : "/"}`;
}

/** Whether bytes can stand in one line as an argument; `@` would be read as a file's name. */
function isArgument(bytes: Uint8Array): boolean {
  return (
    bytes.length <= longestArgumentBytes && bytes[0] !== 0x40 && bytes.every((byte) => byte >= 0x20 && byte !== 0x7f)
  );
}

function bytesOf(body: Body): Uint8Array {
  return body.kind === "whole" || body.kind === "cut" ? body.bytes : new Uint8Array(0);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
