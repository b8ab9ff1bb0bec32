import type http2 from "node:http2";
import type { Socket } from "node:net";

/** One HTTP/2 connection to a service. */
export class KeptSession {
  readonly session: http2.ClientHttp2Session;
  readonly #socket: Socket;
  /** It has answered a call before: the service may be about to close it. */
  isUsed = false;

  constructor(session: http2.ClientHttp2Session, socket: Socket) {
    this.session = session;
    this.#socket = socket;
  }

  get isOpen(): boolean {
    return !this.session.closed && !this.session.destroyed && !this.isLost;
  }

  /** Its connection is gone: what its streams say of their end is Node's word, not the service's. */
  get isLost(): boolean {
    return this.#socket.destroyed;
  }

  request(fields: http2.OutgoingHttpHeaders, options: http2.ClientSessionRequestOptions): http2.ClientHttp2Stream {
    return this.session.request(fields, options);
  }
}
