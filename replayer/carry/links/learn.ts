import type { Exchange, RedactedPlace } from "../../../tape/index.js";
import { rememberPerList } from "../../remember.js";
import { walkHeaders } from "../values/headers.js";
import { walkAnswer, walkRequest } from "../values/message.js";
import type { Spot } from "../values/spot.js";
import { Generations } from "./generations.js";
import { LinkRules } from "./rules.js";
import { RecordedSessions } from "./sessions.js";
import { isUnmistakable, strengthOf } from "./strength.js";
import { type Naming, namingOf, nounOf } from "./subject.js";
import { LinkTable, type Surety } from "./table.js";
import { TextTimes } from "./text-times.js";
import { carriesState, type WantedValues } from "./wanted.js";

/** What learning is told. */
export interface Learning {
  /** How many Steps there will be. */
  steps: number;
  routeOf: (method: string, path: string) => string;
  rules?: LinkRules;
  /** Half of how many values are remembered at a time. */
  half?: number;
  /** What the requests to come hold, where that is known: nothing else is remembered of answers. Not with rules. */
  wanted?: WantedValues | undefined;
}

/** A redacted value in a request that no answer on the tape gave. */
export interface Unproduced {
  place: RedactedPlace;
  /** As it stands on the tape; undefined where the place is none that can be read. */
  value: string | undefined;
}

/** Where a value was first answered; `clientMade` for one that a request held first. */
type Origin = Produced | typeof clientMade;
interface Produced {
  step: number;
  place: string;
  groupedPlace: string;
  route: string;
  endedNs: bigint;
}
const clientMade = "client";

/**
 * Half of the values that are remembered at a time. A value of a later request is looked for among the last 250,000 to
 * 500,000 different ones, those that were used again included: about 100 MB at most, however long the tape.
 */
const defaultHalf = 250_000;

/**
 * Learns which values of requests came from earlier answers. Exchanges are added in tape order, each as the Step it is.
 *
 * A value belongs to the answer that held it first, and to nobody when a request held it before. That answer had to have
 * ended before the request began.
 */
export class LinkLearner {
  readonly links: LinkTable;
  readonly sessions = new RecordedSessions();
  /**
   * By route, the grouped places at which its answers hold ids and tokens that later requests take up: they are made anew
   * each time, there and in answers of this route that nobody took up. Words and amounts that are taken up are none.
   */
  readonly produced = new Map<string, Set<string>>();
  /** Values inside JSON Web Tokens that came from answers: the tokens cannot be signed again, so these are not carried. */
  signed = 0;
  readonly #origins: Generations<Origin>;
  readonly #answers: Generations<true>;
  /** Values that answers gave, where it is known what requests want. */
  readonly #given = new TextTimes();
  readonly #rules: LinkRules;

  constructor(private readonly learning: Learning) {
    this.links = new LinkTable(learning.steps);
    this.#rules = learning.rules ?? new LinkRules();
    this.#origins = new Generations(learning.half ?? defaultHalf);
    this.#answers = new Generations(10_000);
  }

  /** Values were forgotten on the way, as there were too many: links to those may be missing. */
  get hasForgotten(): boolean {
    return this.#origins.turns > 1;
  }

  /** Looks at what the request needs. Gives the redacted values in it that no answer gave. */
  consume(exchange: Exchange, step: number): Unproduced[] {
    const { request, startedNs } = exchange;
    const route = this.#rules.isEmpty ? "" : this.learning.routeOf(request.method, request.path);
    const call: Consumer = { path: request.path, route, startedNs, step };
    const redacted = new Map<RedactedPlace, string | undefined>(
      exchange.redacted.request.map((place) => [place, undefined]),
    );
    const unlinkedCookies: { name: string; value: string }[] = [];
    const produced = new Set<RedactedPlace>();
    walkRequest(request, (spot) => {
      const place = spot.place;
      if (redacted.has(place)) redacted.set(place, spot.value);
      const found = this.#originOf(spot, call);
      if (found === undefined) {
        if (place.startsWith("cookie:")) unlinkedCookies.push({ name: place.slice(7), value: spot.value });
        return undefined;
      }
      if (spot.isSigned) {
        this.signed++;
        return undefined;
      }
      this.#link(step, place, found.origin, found.surety);
      if (isMadeAnew(spot, nounOf(call.path))) this.#addProduced(found.origin);
      for (const one of redacted.keys()) if (stands(place, one)) produced.add(one);
      return spot.value;
    });
    for (const { name, value } of unlinkedCookies) {
      const setter = this.sessions.setterOf(step, name, value);
      if (setter === undefined) continue;
      this.#link(step, `cookie:${name}`, { step: setter, place: `set-cookie:${name}` }, "named");
      produced.add(`cookie:${name}`);
    }
    return [...redacted].filter(([place]) => !produced.has(place)).map(([place, value]) => ({ place, value }));
  }

  /** Remembers what the answer gives to later requests. */
  produce(exchange: Exchange, step: number): void {
    this.sessions.take(exchange, step);
    const { request, answer, startedNs, answerEndedNs: endedNs } = exchange;
    const { wanted } = this.learning;
    if (answer.kind !== "response" || endedNs === undefined) return;
    const { body, headers } = answer;
    if (wanted !== undefined && !carriesState(headers) && !wanted.isIn(body, headers, startedNs)) return;
    const noun = nounOf(request.path);
    if (this.#wasMet(answer, noun)) return;
    const route = this.learning.routeOf(request.method, request.path);
    const here = (spot: Spot): Produced => {
      const { place, groupedPlace } = spot;
      return { step, place, groupedPlace, route, endedNs };
    };
    walkAnswer(answer, (spot) => {
      if (wanted !== undefined) {
        if (!wanted.isWanted(spot.value, startedNs)) return undefined;
        this.#given.set(spot.value, 0);
      }
      if (!this.#rules.isEmpty) {
        if (this.#rules.forbids(route, spot)) return undefined;
        for (const key of this.#rules.keysFrom(route, spot)) this.#origins.set(key, here(spot));
      }
      for (const { key } of keysOf(spot, noun)) {
        if (this.#origins.get(key) === undefined) this.#origins.set(key, here(spot));
      }
      return undefined;
    });
  }

  #originOf(spot: Spot, call: Consumer): { origin: Produced; surety: Surety } | undefined {
    if (!this.#rules.isEmpty) {
      if (this.#rules.forbids(call.route, spot)) return undefined;
      for (const key of this.#rules.keysTo(call.route, spot)) {
        const origin = this.#origins.get(key);
        if (isBefore(origin, call)) return { origin, surety: "named" };
      }
    }
    const { wanted } = this.learning;
    if (wanted !== undefined && !this.#given.isAfter(spot.value, -1) && !wanted.isWanted(spot.value, call.startedNs)) {
      return undefined;
    }
    for (const { key, surety } of keysOf(spot, nounOf(call.path))) {
      const origin = this.#origins.get(key);
      if (origin === undefined) this.#origins.set(key, clientMade);
      else if (isBefore(origin, call)) return { origin, surety };
    }
    return undefined;
  }

  #link(step: number, place: string, origin: Pick<Produced, "step" | "place">, surety: Surety): void {
    this.links.add({
      producerStep: origin.step,
      producerPlace: origin.place,
      consumerStep: step,
      consumerPlace: place,
      surety,
    });
    if (place.startsWith("cookie:")) this.sessions.join(step, origin.step);
  }

  #addProduced({ route, groupedPlace }: Produced): void {
    const places = this.produced.get(route);
    if (places === undefined) this.produced.set(route, new Set([groupedPlace]));
    else places.add(groupedPlace);
  }

  /** An answer like it was looked at before: all that is in it has its origin. */
  #wasMet({ headers, body }: Extract<Exchange["answer"], { kind: "response" }>, noun: string): boolean {
    if (body.kind !== "whole" && body.kind !== "empty") return false;
    const key = `${body.kind === "whole" ? body.hash : ""}\n${noun}\n${statefulFields(headers)}`;
    if (this.#answers.get(key)) return true;
    this.#answers.set(key, true);
    return false;
  }
}

/** The values of the fields that may carry state, as one text. */
const statefulFields = rememberPerList((headers) => {
  let text = "";
  walkHeaders(headers, (spot) => {
    text += `${spot.base}\n${spot.value}\n`;
    return undefined;
  });
  return text;
});

interface Consumer {
  path: string;
  /** Empty without rules. */
  route: string;
  startedNs: bigint;
  step: number;
}

function isBefore(origin: Origin | undefined, { startedNs, step }: Consumer): origin is Produced {
  return origin !== undefined && origin !== clientMade && origin.endedNs < startedNs && origin.step !== step;
}

/** Whether the value at a place is what redaction names so: it names a path as a whole, and what is inside a value by that. */
function stands(place: string, redacted: RedactedPlace): boolean {
  return place === redacted || place.startsWith(`${redacted}|`) || (redacted === "path" && place.startsWith("path/"));
}

/** Under what a value is remembered and looked for; nothing for one that says nothing. */
function keysOf(spot: Spot, noun: string): { key: string; surety: Surety }[] {
  switch (strengthOf(spot)) {
    case "never":
      return [];
    case "alone":
      return [{ key: spot.value, surety: isUnmistakable(spot.value) ? "certain" : "likely" }];
    case "named": {
      const naming = namingOf(spot, noun);
      if (!isNamedEnough(spot.value, naming)) return [];
      return naming.subjects.map((subject) => ({ key: `${subject}\n${spot.value}`, surety: "named" }));
    }
  }
}

/** A word or a number says little: `qty` 2 here and `qty` 2 there are no link; `orderId` 2 and `/orders/2` are. */
function isNamedEnough(value: string, { namesAnId }: Naming): boolean {
  return namesAnId || value.length >= 8 || (/\d/.test(value) && /[A-Za-z]/.test(value));
}

/** An id or a token, by the request that takes it up: no word, no amount, no date. */
function isMadeAnew(spot: Spot, noun: string): boolean {
  const { value } = spot;
  if (isUnmistakable(value)) return true;
  if (/^[A-Za-z\s_-]+$/.test(value) && value.length < 20) return false;
  if (/^\d{4}-\d\d-\d\d/.test(value)) return false;
  return /^-?[\d.]+$/.test(value) ? namingOf(spot, noun).namesAnId : true;
}
