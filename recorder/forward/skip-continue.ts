import type { Socket } from "node:net";

/** The status line of an unasked "100 Continue", as far as it is looked at. */
const continueLine = /^HTTP\/1\.[01] 100[ \r]/;
const lineBytes = "HTTP/1.1 100 ".length;
const endOfHead = Buffer.from("\r\n\r\n");
/** A "100 Continue" has come. */
type OnContinue = (reason: string, fields: readonly string[]) => void;

/** A head of a 100 that is larger than this is left to the parser to judge. */
const mostBytes = 64 * 1024;

/**
 * What comes on one connection to a service, before undici reads it. Undici gives a call up when "100 Continue" comes
 * that it has not asked for, as it never does; services send it all the same (RFC 9110, section 15.2: a client must be
 * able to read it). So these heads are taken out here, and told. Also knows whether any byte of an answer has come.
 */
export class AnswerBytes {
  /** A byte of the answer to the newest request has come. */
  hasBegun = true;
  #looks = false;
  #held: Buffer | undefined;
  #onContinue: OnContinue = () => {};

  /** A request is about to go out. */
  expect(onContinue: OnContinue): void {
    this.hasBegun = false;
    this.#looks = true;
    this.#held = undefined;
    this.#onContinue = onContinue;
  }

  /** Puts itself before the socket's `read`, by which undici takes its bytes. */
  watch(socket: Socket): void {
    const read = socket.read.bind(socket);
    socket.read = () => {
      const bytes = read() as Buffer | null;
      if (!this.#looks || bytes === null) return bytes;
      return this.#look(bytes) ?? socket.read();
    };
  }

  /** Undefined when nothing is left of the bytes, or what they are is not clear yet. */
  #look(came: Buffer): Buffer | undefined {
    this.hasBegun = true;
    let bytes = this.#held === undefined ? came : Buffer.concat([this.#held, came]);
    this.#held = undefined;
    while (bytes.length > 0) {
      if (!mayBeContinue(bytes)) return this.#done(bytes);
      const end = bytes.length < lineBytes ? -1 : bytes.indexOf(endOfHead);
      if (end === -1) {
        if (bytes.length > mostBytes) return this.#done(bytes);
        this.#held = bytes;
        return undefined;
      }
      this.#onContinue(...reasonAndFields(bytes.toString("latin1", 0, end)));
      bytes = bytes.subarray(end + endOfHead.length);
    }
    return undefined;
  }

  #done(bytes: Buffer): Buffer {
    this.#looks = false;
    return bytes;
  }
}

/** Fields in flat form, as parsers give them. A line that is no field is left out. */
function reasonAndFields(head: string): [reason: string, fields: string[]] {
  const [line, ...lines] = head.split("\r\n");
  const fields = lines.flatMap((field) => /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(field)?.slice(1) ?? []);
  return [line!.slice(lineBytes), fields];
}

function mayBeContinue(bytes: Buffer): boolean {
  if (bytes.length > 9 && bytes[9] !== 49 /* "1" of 1xx */) return false; // nearly always
  const line = bytes.toString("latin1", 0, lineBytes);
  return line.length < lineBytes
    ? "HTTP/1.1 100 ".startsWith(line) || "HTTP/1.0 100 ".startsWith(line)
    : continueLine.test(line);
}
