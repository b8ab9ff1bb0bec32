import type { Body, HeaderList } from "../../../message/index.js";
import type { Exchange, ExchangeHead, Request, TapeWalk } from "../../../tape/index.js";
import { rememberPerList } from "../../remember.js";
import { walkHeaders } from "../values/headers.js";
import { mayHoldValue } from "../values/may-hold.js";
import { walkRequest } from "../values/message.js";
import type { Spot } from "../values/spot.js";
import { walkTarget } from "../values/target.js";
import { lookingInside } from "../values/text.js";
import { TextTimes } from "./text-times.js";

/**
 * Which values the requests of a tape hold, and when the last request that holds each began: what an answer gives is worth
 * remembering only when a request that began after that of the answer takes it up. Most answers hold nothing of that, which
 * shows in their bytes, so that they are not walked at all. Values are kept as hashes: one too many costs time and no link.
 */
export class WantedValues {
  readonly #lastNs = new TextTimes();
  #firstNs: bigint | undefined;

  /** `isOfPathsAlone`: it does not know of headers and bodies, and is no good for a tape whose requests have state there. */
  private constructor(readonly isOfPathsAlone: boolean) {}

  static async inPaths(heads: TapeWalk<ExchangeHead>): Promise<WantedValues> {
    const wanted = new WantedValues(true);
    for await (const turn of heads.turns()) {
      for (const { request, startedNs } of turn) {
        if (request.path.includes("/")) walkTarget(request.path, "", 0, wanted.#adding(startedNs));
      }
    }
    return wanted;
  }

  static async inRequests(exchanges: TapeWalk<Exchange>): Promise<WantedValues> {
    const wanted = new WantedValues(false);
    for await (const turn of exchanges.turns()) {
      for (const { request, startedNs } of turn) walkRequest(request, wanted.#adding(startedNs));
    }
    return wanted;
  }

  /** Whether a request may hold this value that began after a moment. */
  isWanted(value: string, momentNs: bigint): boolean {
    return this.#lastNs.isAfter(value, this.#sinceFirst(momentNs));
  }

  /** Whether the body of an answer may hold such a value. */
  isIn(body: Body, headers: HeaderList, momentNs: bigint): boolean {
    const moment = this.#sinceFirst(momentNs);
    return mayHoldValue(body, headers, {
      hasText: (text) => this.#lastNs.isAfter(text, moment),
      hasHash: (hash) => this.#lastNs.isHashAfter(hash, moment),
    });
  }

  #adding(startedNs: bigint) {
    this.#firstNs ??= startedNs;
    const started = this.#sinceFirst(startedNs);
    return lookingInside(({ value }: Spot) => {
      this.#lastNs.set(value, started);
      return undefined;
    });
  }

  #sinceFirst(ns: bigint): number {
    return Number(ns - (this.#firstNs ?? 0n));
  }
}

/** Whether a request has values that its path does not show. */
export function holdsMoreThanPath({ headers, body }: Request): boolean {
  return body.kind !== "empty" || carriesState(headers);
}

/** Whether any of the fields may carry state. */
export const carriesState = rememberPerList((headers) => {
  let found = false;
  walkHeaders(headers, () => {
    found = true;
    return undefined;
  });
  return found;
});
