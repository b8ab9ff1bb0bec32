import { drawnKey, type HeaderList, isIdempotencyKey } from "../message/index.js";
import { type Answer, type Exchange, pseudonymOf, type RedactedPlace, type RedactionKey } from "../tape/index.js";
import { nounOf } from "./carry/links/subject.js";
import { RecordedTerms } from "./carry/recorded-terms.js";
import { isSameAnswer } from "./compare/index.js";
import { rememberPerList } from "./remember.js";
import type { StepList } from "./step.js";

/** What keys are drawn from, and what live answers are redacted with. */
export interface KeyDrawing {
  run: string;
  steps: StepList;
  key: RedactionKey;
}

/**
 * Keys of idempotency (`Idempotency-Key` and its like) in place of the recorded ones. A service that has met a key answers from
 * its store, so that the recorded one, or one for two lanes, or for two passes of `--repeat`, would test nothing. Each run, lane
 * and pass has keys of its own, the same for the same recorded one: a retry stays a retry.
 */
export class FreshKeys {
  readonly #run: string;
  readonly #stepsInPass: number;
  readonly #key: RedactionKey;
  readonly #terms = new Map<string, RecordedTerms>();

  constructor({ run, steps, key }: KeyDrawing) {
    const { passes = 1 } = steps;
    this.#run = run;
    this.#stepsInPass = passes === 1 ? Number.POSITIVE_INFINITY : steps.length / passes;
    this.#key = key;
  }

  /**
   * As it goes to a lane; itself where its request has no key. `again`: how often the Step was sent to tell noise, for each of
   * these is a call of its own.
   */
  prepare(exchange: Exchange, step: number, lane: string, again = 0): Exchange {
    const drawn = this.drawn(exchange, step, lane, again);
    if (drawn !== exchange) this.#remember(exchange, drawn, lane);
    return drawn;
  }

  /** As `prepare`, and nothing is expected to be answered. */
  drawn(exchange: Exchange, step: number, lane: string, again = 0): Exchange {
    const { request } = exchange;
    const { keys, signed } = keysOf(request.headers);
    if (keys.length === 0) return exchange;
    const pass = Math.floor(step / this.#stepsInPass);
    const seed = JSON.stringify([this.#run, lane, pass, again]);
    const headers = [...request.headers];
    for (const at of keys) {
      const [name, value] = headers[at]!;
      // A pseudonym never goes out; whatever signs it is wrong already.
      if (!signed.has(at) || isRedacted(exchange, name)) headers[at] = [name, drawnKey(value, seed)];
    }
    return { ...exchange, request: { ...request, headers } };
  }

  /** A live Answer of a lane, after redaction, as it would read to the recorded keys; itself where it tells none. */
  asRecorded({ request, answer: recorded }: Exchange, lane: string, answer: Answer): Answer {
    const terms = this.#terms.get(lane);
    if (terms === undefined || isSameAnswer(recorded, answer)) return answer;
    return terms.translate(answer, nounOf(request.path));
  }

  #remember(exchange: Exchange, drawn: Exchange, lane: string): void {
    const terms = this.#terms.get(lane) ?? new RecordedTerms();
    this.#terms.set(lane, terms);
    const { headers } = exchange.request;
    for (const at of keysOf(headers).keys) {
      const [name, field] = headers[at]!;
      const [recorded, live] = [plain(field), plain(drawn.request.headers[at]![1])];
      terms.add(recorded, live, []);
      terms.add(field, drawn.request.headers[at]![1], []);
      const pseudonym = isRedacted(exchange, name) ? recorded : pseudonymOf(recorded, this.#key);
      terms.add(pseudonym, pseudonymOf(live, this.#key), []);
    }
  }
}

/** Whether redaction names a field whose value is drawn anew, so that a pseudonym there never goes out. */
export function isKeyPlace(place: RedactedPlace): boolean {
  return place.startsWith("header:") && isIdempotencyKey(place.slice("header:".length));
}

/** Where the keys of a request stand in its list, and which of these it is signed over. */
const keysOf = rememberPerList((headers): { keys: readonly number[]; signed: ReadonlySet<number> } => {
  const keys = headers.flatMap(([name, value], at) => (isIdempotencyKey(name) && value !== "" ? [at] : []));
  if (keys.length === 0) return none;
  return { keys, signed: new Set(keys.filter((at) => isSigned(headers, headers[at]![0].toLowerCase()))) };
});

const none = { keys: [], signed: new Set<number>() };

/** Fields that list what they are signed over: RFC 9421, its forerunner (draft-cavage-http-signatures), AWS. */
const signing: ReadonlySet<string> = new Set(["signature-input", "signature", "authorization"]);

/** Nobody here can sign it again. */
function isSigned(headers: HeaderList, lowerName: string): boolean {
  return headers.some(
    ([name, value]) =>
      signing.has(name.toLowerCase()) &&
      value
        .toLowerCase()
        .split(/[^a-z0-9-]+/)
        .includes(lowerName),
  );
}

function isRedacted({ redacted }: Exchange, name: string): boolean {
  return redacted.request.includes(`header:${name.toLowerCase()}`);
}

/** Without the quotes of a String (RFC 9651, section 3.3.3). */
function plain(value: string): string {
  return value.replace(/^"(.*)"$/s, "$1");
}
