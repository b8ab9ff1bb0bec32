import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { propagatedHeaders } from "./propagated-headers.js";

/** What a called service answered, or why nothing came. */
export type PeerAnswer =
  | { kind: "response"; status: number; headers: IncomingHttpHeaders; body: Buffer }
  | { kind: "failure"; reason: string };

/** Whether a call was answered, and with a 2xx. */
export function succeeded(answer: PeerAnswer): boolean {
  return answer.kind === "response" && answer.status >= 200 && answer.status < 300;
}

/** A call to another service. */
export interface PeerCall {
  /** `name/path?query`: a name given with `--peer`, or host:port. */
  to: string;
  method: string;
  body?: Buffer;
}

/** The other services this one may call. */
export interface Peers {
  /** Forwards the tracing headers of the request being served. A failed call is a {@link PeerAnswer}, never a rejection. */
  call(call: PeerCall, incoming: IncomingHttpHeaders): Promise<PeerAnswer>;
  close(): void;
}

/**
 * Peers by name. A call to a known name goes to its URL with the name as `Host`, as it would in a mesh; any other name
 * is taken as host:port.
 */
export function openPeers(urls: ReadonlyMap<string, URL>): Peers {
  const agent = new Agent({ keepAlive: true });
  return {
    call: (call, incoming) => send(agent, addressOf(urls, call.to), call, incoming),
    close: () => agent.destroy(),
  };
}

interface PeerAddress {
  hostname: string;
  port: string;
  host: string;
  path: string;
}

function addressOf(urls: ReadonlyMap<string, URL>, to: string): PeerAddress {
  const slashAt = to.indexOf("/");
  const name = slashAt < 0 ? to : to.slice(0, slashAt);
  const path = slashAt < 0 ? "/" : to.slice(slashAt);
  const known = urls.get(name);
  if (known) return { hostname: known.hostname, port: known.port || "80", host: name, path };
  const colonAt = name.lastIndexOf(":");
  const port = colonAt < 0 ? "80" : name.slice(colonAt + 1);
  return { hostname: colonAt < 0 ? name : name.slice(0, colonAt), port, host: name, path };
}

function send(agent: Agent, at: PeerAddress, call: PeerCall, incoming: IncomingHttpHeaders): Promise<PeerAnswer> {
  const headers = { ...propagatedHeaders(incoming), host: at.host, ...bodyHeaders(call.body) };
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve({ kind: "failure", reason: failureOf(error) });
    const place = { agent, hostname: at.hostname, port: at.port, path: at.path, method: call.method, headers };
    const outgoing = safely(() => httpRequest(place), failed);
    outgoing?.on("error", failed);
    outgoing?.on("response", (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", failed);
      response.on("end", () =>
        resolve({
          kind: "response",
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces),
        }),
      );
    });
    outgoing?.end(call.body);
  });
}

// A port or path that Node refuses ("a:b/c") throws at once: to who called /downstream it is a failed call like others.
function safely<T>(make: () => T, failed: (error: NodeJS.ErrnoException) => void): T | undefined {
  try {
    return make();
  } catch (thrown) {
    failed(thrown as NodeJS.ErrnoException);
    return undefined;
  }
}

function bodyHeaders(body: Buffer | undefined): Record<string, string | number> {
  return body === undefined ? {} : { "content-type": "application/json", "content-length": body.length };
}

const reasons: Record<string, string> = { ECONNREFUSED: "refused", ECONNRESET: "reset", ENOTFOUND: "unresolved-host" };

function failureOf(error: NodeJS.ErrnoException): string {
  return reasons[error.code ?? ""] ?? error.code ?? error.message;
}

/** A body as it is put into another answer: JSON as a value, anything else as text. */
export function embedded(body: Buffer): unknown {
  const text = body.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
