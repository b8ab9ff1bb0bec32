/** A message of HTTP/1 as it stood on the wire, with what speaks about the connection alone taken away. */
export interface WireMessage {
  start: string;
  /** Name in lower case and value, in their order; connection, keep-alive, date and framing are left out. */
  fields: [string, string][];
  body: string;
  trailers: [string, string][];
}

const ofConnection = new Set(["connection", "keep-alive", "date", "transfer-encoding", "content-length"]);

/** Takes messages apart that came one after another on a connection, all text latin1. A body without a length ends it. */
export function wireMessages(text: string, hasNoBody: (at: number) => boolean = () => false): WireMessage[] {
  const found: WireMessage[] = [];
  for (let rest = text; rest !== ""; ) {
    const { message, end } = firstMessage(rest, hasNoBody(found.length));
    found.push(message);
    rest = rest.slice(end);
  }
  return found;
}

function firstMessage(text: string, hasNoBody: boolean): { message: WireMessage; end: number } {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) throw new Error(`no end of a head in ${JSON.stringify(text)}`);
  const [start, ...lines] = text.slice(0, headEnd).split("\r\n");
  const all = lines.map(fieldOf);
  const fields = all.filter(([name]) => !ofConnection.has(name));
  const from = headEnd + 4;
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(start!)?.[1] ?? 0);
  const make = (body: string, end: number, trailers: [string, string][] = []) => ({
    message: { start: start!, fields, body, trailers },
    end,
  });
  if (hasNoBody || (status > 0 && status < 200) || status === 204 || status === 304) return make("", from);
  if (all.some(([name, value]) => name === "transfer-encoding" && /chunked$/.test(value)))
    return chunked(text, from, make);
  const length = all.find(([name]) => name === "content-length")?.[1];
  if (length !== undefined) return make(text.slice(from, from + Number(length)), from + Number(length));
  return status === 0 ? make("", from) : make(text.slice(from), text.length);
}

function chunked<T>(
  text: string,
  from: number,
  make: (body: string, end: number, trailers: [string, string][]) => T,
): T {
  let body = "";
  for (let at = from; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error(`no chunk size in ${JSON.stringify(text.slice(at))}`);
    if (size > 0) {
      body += text.slice(lineEnd + 2, lineEnd + 2 + size);
      at = lineEnd + 2 + size + 2;
      continue;
    }
    const trailers: [string, string][] = [];
    let next = lineEnd + 2;
    for (let end = text.indexOf("\r\n", next); end > next; end = text.indexOf("\r\n", next)) {
      trailers.push(fieldOf(text.slice(next, end)));
      next = end + 2;
    }
    return make(body, next + 2, trailers);
  }
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
