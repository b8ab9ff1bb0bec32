import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { MonotonicMs } from "../../base/index.js";
import type { PlainRequests } from "./plain/plain-requests.js";

/** Who calls, as far as the transport knows. */
export interface Peer {
  /** Of its connection: unique within one incarnation. */
  readonly id: string;
  /** Its address, without port. */
  readonly client: string;
  /** Whom its certificate names, where it showed one that we trust. */
  readonly caller?: string;
}

/** One connection at the recorder's port, as HTTP is spoken on it: within TLS, where there is some. */
export interface Connection extends Peer {
  readonly socket: Socket;
  readonly scheme: "http" | "https";
  /** What it speaks is known, or that it speaks nothing we know. */
  isSniffed: boolean;
  /** HTTP/1: the answer to its newest request. */
  lastResponse?: ServerResponse;
  /** HTTP/1, as long as its requests are plain ones that need no server. */
  plain?: PlainRequests | undefined;
  /** When it was opened, or its newest call began. */
  usedMs: MonotonicMs;
  /** It keeps its time itself (HTTP/2), or is no longer HTTP (a tunnel). */
  mayRest: boolean;
}
