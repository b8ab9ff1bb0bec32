import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type { Recording } from "./capture/recording.js";

/** A call over HTTP/1 that wants its answer. */
export interface Http1Call {
  recording: Recording;
  request: IncomingMessage;
  response: ServerResponse;
  /** What goes on to the upstream, the connection's own fields still among it: the head's, but for a Host that gives way. */
  fields: readonly string[];
  /** The client waits for `100 Continue` before it sends its body. */
  awaitsContinue: boolean;
  /** For steps taken in a later turn of the event loop: throwing there ends this call alone, too. */
  guard(step: () => void): void;
}

/** A call over HTTP/2. */
export interface Http2Call {
  recording: Recording;
  stream: ServerHttp2Stream;
  headers: IncomingHttpHeaders;
  /** A WebSocket handshake: an extended CONNECT (RFC 8441), recorded as the GET it stands for. */
  isWebSocket: boolean;
  /** Name, value, name, value …, pseudo-fields first. */
  raw: readonly string[];
}

/** A WebSocket handshake, and the connection it came on. */
export interface UpgradeCall {
  recording: Recording;
  /** As in a call over HTTP/1. */
  fields: readonly string[];
  request: IncomingMessage;
  socket: Duplex;
  /** What came after the handshake already. */
  head: Buffer;
}

/** A wish for a tunnel (CONNECT; RFC 9110, section 9.3.6): what passes in it is not ours to read, so it is no Exchange. */
export interface TunnelCall {
  /** `HOST:PORT`, as it came. */
  authority: string;
  client: Duplex;
  /** What came after the request already. */
  head: Buffer;
  /** Says to the client that the tunnel is there. */
  accept(): void;
  /** Says why it is not, and ends the connection. */
  refuse(status: number, text: string): void;
}

/**
 * What a recorder does with a call: answers it, whatever becomes of the recording, and tells the recording what
 * happened until the call has ended. Throwing ends that call alone.
 */
export interface Mode {
  /** WebSocket over HTTP/2 is offered to peers: Envoy resets its own copy of an upgrade where it is not. */
  readonly takesWebSocketStreams: boolean;
  /** How much of all bodies of one HTTP/2 connection may come before any of it is read. Default 16 MiB. */
  readonly connectionWindowBytes?: number;
  /**
   * Where every call is answered at its request's end by an empty 200: ends the recording and gives that answer's fields,
   * name, value …. Plain requests then need no HTTP server between; `answerHttp1` has the others.
   */
  plainAnswer?(recording: Recording): readonly string[];
  answerHttp1(call: Http1Call): void;
  answerHttp2(call: Http2Call): void;
  answerUpgrade(call: UpgradeCall): void;
  /** Opens a tunnel, or refuses it. Modes without it have CONNECT refused, and recorded as a call that failed. */
  openTunnel?(call: TunnelCall): void;
  /** Lets go of what it holds open towards others. After the last call. */
  close(): Promise<void>;
}
