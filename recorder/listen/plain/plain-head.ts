/** The head of a plain request, as a parser of HTTP/1.1 tells it. */
export interface PlainHead {
  method: string;
  url: string;
  httpVersionMinor: number;
  /** Name, value, name, value …, as they came. */
  rawHeaders: string[];
  /** Of the body that follows; 0 for none. */
  bodyBytes: number;
  /** Where in the given bytes the head is over. */
  endsAt: number;
}

const requestLine = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[\x21-\x7e]*) HTTP\/1\.1\r\n/;
/** Token, colon, at most one space, and a value without white space around it (RFC 9112, section 5). */
const fieldLines =
  /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?\r\n)*$/;
const length = /^(?:0|[1-9][0-9]{0,14})$/;
const headEnd = Buffer.from("\r\n\r\n");

/**
 * Reads a head in which no two parsers see two things: HTTP/1.1, a common method, a path for a target, lines of the
 * strict grammar, one Host, a length or no body, nothing that changes the connection. Undefined for all else, a head
 * that is not whole included: that is for a whole parser to read, or to refuse.
 */
export function readPlainHead(bytes: Buffer, from: number, mostBytes: number): PlainHead | undefined {
  const end = bytes.indexOf(headEnd, from);
  if (end === -1 || end - from > mostBytes) return undefined;
  const text = bytes.toString("latin1", from, end + 2);
  const line = requestLine.exec(text);
  if (line === null) return undefined;
  const fields = text.slice(line[0].length);
  if (!fieldLines.test(fields)) return undefined;
  const rawHeaders = splitLines(fields);
  const bodyBytes = bodyLength(rawHeaders);
  if (bodyBytes === undefined) return undefined;
  return { method: line[1]!, url: line[2]!, httpVersionMinor: 1, rawHeaders, bodyBytes, endsAt: end + headEnd.length };
}

/** Of lines that are known to be of the grammar. */
function splitLines(lines: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(":", at);
    const end = lines.indexOf("\r\n", colon);
    const valueAt = lines.charCodeAt(colon + 1) === 32 /* space */ ? colon + 2 : colon + 1;
    fields.push(lines.slice(at, colon), lines.slice(valueAt, end));
    at = end + 2;
  }
  return fields;
}

/** Undefined when a field says more of framing or connection than one plain length. */
function bodyLength(fields: readonly string[]): number | undefined {
  let bodyBytes: number | undefined;
  let hosts = 0;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]!;
    // Names are told apart by their length first: most cost one comparison of numbers.
    if (!framingLengths.has(name.length)) continue;
    const lowerName = name.toLowerCase();
    if (lowerName === "host") hosts++;
    else if (lowerName === "content-length") {
      if (bodyBytes !== undefined || !length.test(fields[at + 1]!)) return undefined;
      bodyBytes = Number(fields[at + 1]);
    } else if (lowerName === "connection") {
      if (fields[at + 1]!.toLowerCase() !== "keep-alive") return undefined;
    } else if (changing.has(lowerName)) return undefined;
  }
  return hosts === 1 ? (bodyBytes ?? 0) : undefined;
}

/** Parsers read them, some as if they were others. */
const changing: ReadonlySet<string> = new Set([
  "transfer-encoding",
  "upgrade",
  "expect",
  "proxy-connection",
  "trailer",
]);
const framingLengths: ReadonlySet<number> = new Set(
  ["host", "content-length", "connection", ...changing].map((name) => name.length),
);
