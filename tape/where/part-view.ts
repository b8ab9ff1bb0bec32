import { toEpochNs } from "../../base/index.js";
import { type Body, type HeaderList, headerListFromRaw, type Message } from "../../message/index.js";
import type { CapturedAnswer, CapturedBody, CapturedCall, RecorderDescription } from "../captured.js";
import type { Answer, Exchange, Request } from "../exchange.js";
import { identityOf } from "../sighting/sighting.js";

/**
 * A call that is being recorded, as conditions see it: as it came, secrets and all, and never stored. Each thing is made
 * when it is asked for.
 */
export function viewOfPart(part: CapturedCall, recorder: RecorderDescription): Exchange {
  return new PartView(part, recorder);
}

class PartView implements Exchange {
  readonly id = 0;
  readonly frames = [];
  readonly redacted = { request: [], answer: [] };
  readonly #part: CapturedCall;
  readonly #recorder: RecorderDescription;
  #request: Request | undefined;
  #answer: Answer | undefined;
  #knownIdentity: ReturnType<typeof identityOf> | undefined;

  constructor(part: CapturedCall, recorder: RecorderDescription) {
    this.#part = part;
    this.#recorder = recorder;
  }

  get recorder() {
    return this.#recorder.id;
  }
  get sequence() {
    return this.#part.sequence;
  }
  get vantage() {
    return this.#part.vantage;
  }
  get origin() {
    return this.#recorder.origin;
  }
  get connection() {
    return this.#part.connection as string;
  }
  get client() {
    return this.#part.client as string;
  }
  get caller() {
    return this.#identity.parties.caller as string;
  }
  get callee() {
    return this.#identity.parties.callee;
  }
  get hop() {
    return this.#identity.hop as string;
  }
  get trace() {
    return this.#identity.trace;
  }

  get startedNs(): bigint {
    return toEpochNs(this.#recorder, this.#part.request.startedMs);
  }

  get answerEndedNs(): bigint {
    const answer = this.#captured;
    const endedMs = "endedMs" in answer ? answer.endedMs : undefined;
    // Absent times are undefined, as where an Exchange lacks them.
    return (endedMs === undefined ? undefined : toEpochNs(this.#recorder, endedMs)) as bigint;
  }

  get request(): Request {
    this.#request ??= requestView(this.#part.request);
    return this.#request;
  }

  get answer(): Answer {
    this.#answer ??= answerView(this.#captured, this.#part.request.startedMs);
    return this.#answer;
  }

  get #captured(): CapturedAnswer {
    return this.#part.part === "request" ? { kind: "unknown" } : this.#part.answer;
  }

  get #identity(): ReturnType<typeof identityOf> {
    this.#knownIdentity ??= identityOf(this.#part, this.#part.request, this.#recorder);
    return this.#knownIdentity;
  }
}

function requestView(request: CapturedCall["request"]): Request {
  const { method, scheme, authority, path, protocol, end } = request;
  return Object.assign(new MessageView(request), { method, scheme, authority, path, protocol, end });
}

function answerView(answer: CapturedAnswer, startedMs: number): Answer {
  switch (answer.kind) {
    case "response": {
      const { kind, status, end } = answer;
      return Object.assign(new MessageView(answer), { kind, status, end });
    }
    case "failure":
      return { kind: "failure", reason: answer.reason, afterMs: answer.endedMs - startedMs };
    default:
      return answer;
  }
}

/** Headers are put into pairs, and the pieces of a body together, where a condition asks for them. */
class MessageView implements Message {
  readonly #captured: { headers: readonly string[]; body: CapturedBody; trailers?: readonly string[] };
  #headers: HeaderList | undefined;
  #body: Body | undefined;

  constructor(captured: { headers: readonly string[]; body: CapturedBody; trailers?: readonly string[] }) {
    this.#captured = captured;
  }

  get headers(): HeaderList {
    this.#headers ??= headerListFromRaw(this.#captured.headers);
    return this.#headers;
  }
  get trailers(): HeaderList {
    return headerListFromRaw(this.#captured.trailers ?? []);
  }
  get body(): Body {
    this.#body ??= bodyView(this.#captured.body);
    return this.#body;
  }
}

function bodyView({ pieces, fullBytes }: CapturedBody): Body {
  if (fullBytes === 0) return { kind: "empty" };
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  const hash = "";
  return bytes.length === fullBytes ? { kind: "whole", bytes, hash } : { kind: "cut", bytes, fullBytes, hash };
}
