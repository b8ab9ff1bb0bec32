import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** One transport connection at the recorder's port. */
export interface Connection {
  /** Unique within one incarnation. */
  readonly id: string;
  /** Address of the peer, without port. */
  readonly client: string;
  readonly socket: Socket;
  /** What it speaks is known, or that it speaks nothing we know. */
  isSniffed: boolean;
  /** HTTP/1: the answer to its newest request. */
  lastResponse?: ServerResponse;
}
