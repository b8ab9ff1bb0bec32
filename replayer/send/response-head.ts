import type { HeaderField, HeaderList } from "../../message/index.js";

/** How the end of an answer's body is told (RFC 9112, section 6.3). */
export type Framing =
  | { kind: "none" }
  | { kind: "length"; bytes: number }
  | { kind: "chunked" }
  | { kind: "until-close" };

/** A response's status line and header fields. Equal heads are one object, so what follows from one is known by it. */
export interface ResponseHead {
  status: number;
  headers: HeaderList;
  /** As it came, with the empty line. */
  wire: Buffer;
  /** Of an answer to anything but HEAD. */
  framing: Framing;
  /** The connection may be used again once the answer is complete. */
  persists: boolean;
  /** From `keep-alive: timeout=N`: how long an idle connection is kept by the server. */
  keptMs?: number;
}

/** Bytes that are no HTTP/1.1 response. */
export class BadResponse extends Error {
  readonly code = "HPE_INVALID";
}

const rememberedHeads = 512;
const longestRemembered = 2048;
const remembered = new Map<string, ResponseHead>();

/**
 * Reads a head up to and with the line feed of its last field, without the empty line; latin1. Throws a BadResponse for
 * all that RFC 9112 does not allow a server to send: what two readers could read differently is not guessed at.
 */
export function readResponseHead(text: string): ResponseHead {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const head = parseHead(text);
  if (text.length > longestRemembered) return head;
  if (remembered.size >= rememberedHeads) remembered.clear();
  remembered.set(text, head);
  return head;
}

function parseHead(text: string): ResponseHead {
  const lines = text.split("\r\n");
  const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(lines[0]!);
  if (statusLine === null || lines.pop() !== "") throw new BadResponse("no status line");
  const headers = fieldsFrom(lines.slice(1));
  const status = Number(statusLine[2]);
  const framing = framingOf(status, headers);
  const options = valuesOf(headers, "connection").flatMap(members);
  const stays = statusLine[1] === "1" ? !options.includes("close") : options.includes("keep-alive");
  const kept = /(?:^|[,\s])timeout=(\d{1,6})\b/i.exec(valuesOf(headers, "keep-alive").join())?.[1];
  const persists = stays && framing.kind !== "until-close";
  const head: ResponseHead = { status, headers, wire: Buffer.from(`${text}\r\n`, "latin1"), framing, persists };
  if (kept !== undefined) head.keptMs = Number(kept) * 1000;
  return head;
}

const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/;

/** Field lines without their line ends; throws a BadResponse for what is none, folded lines among it. */
export function fieldsFrom(lines: readonly string[]): HeaderField[] {
  return lines.map((line) => {
    const match = field.exec(line);
    if (match === null) throw new BadResponse("a line that is no field");
    return [match[1]!, match[2]!.replace(/[\t ]+$/, "")];
  });
}

function framingOf(status: number, headers: HeaderList): Framing {
  const codings = valuesOf(headers, "transfer-encoding").flatMap(members);
  const lengths = valuesOf(headers, "content-length");
  if (status < 200 || status === 204 || status === 304) return { kind: "none" };
  if (codings.length > 0) {
    if (lengths.length > 0) throw new BadResponse("transfer-encoding beside content-length");
    return codings.at(-1) === "chunked" ? { kind: "chunked" } : { kind: "until-close" };
  }
  if (lengths.length === 0) return { kind: "until-close" };
  if (lengths.length > 1 || !/^\d{1,15}$/.test(lengths[0]!)) throw new BadResponse("a content-length that is none");
  const bytes = Number(lengths[0]);
  return bytes === 0 ? { kind: "none" } : { kind: "length", bytes };
}

function valuesOf(headers: HeaderList, lowerName: string): string[] {
  return headers.flatMap(([name, value]) => (name.toLowerCase() === lowerName ? [value] : []));
}

function members(value: string): string[] {
  return value.split(",").map((member) => member.trim().toLowerCase());
}
