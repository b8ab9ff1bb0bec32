import { type Call, joinCalls } from "../calls.js";
import type { Answer, Exchange, ExchangeHead } from "../exchange.js";
import { learnRoutes } from "../routes.js";
import type { Selection, TapeReader } from "../store.js";
import { answerShape } from "./answer-shape.js";
import { type Chosen, type Covering, coverSet } from "./cover-set.js";

/** A call that was chosen: by a pin, or for what it brings. */
export interface CoverCall extends Chosen {
  route: string;
  /** Status or failure of its recorded answer; `unknown` of a mirrored one. */
  status: string;
  pinned: boolean;
}

/** A small set of calls that has everything a tape has. */
export interface Cover {
  /** By id. */
  calls: readonly CoverCall[];
  /** Of how many calls it was chosen. */
  of: number;
  /** Different pairs of route and status, and different places with their type below them. */
  routeStatuses: number;
  places: number;
  /** Pins that are not on this tape. */
  missingPins: readonly number[];
}

/** Which calls are chosen from. Pins come in whatever they are. */
export interface CoverChoice {
  which?: Selection;
  /** Calls from outside alone. */
  entry?: boolean;
  /** What this service received. */
  service?: string;
  pins?: readonly number[];
}

/**
 * Chooses a small set of calls that has every route × method × status × shape of the tape: each pair of route and status,
 * and under each the places of its answers with every type that was met there. Calls are joined and routes learnt over the
 * whole tape. Calls that no replay could send (a request that broke off or is not kept whole) are not chosen. Memory holds
 * the heads, and the sets of features that differ; of calls with one set the first stands for all.
 */
export async function readCover(tape: TapeReader, choice: CoverChoice = {}): Promise<Cover> {
  const heads: ExchangeHead[] = [];
  for await (const head of tape.skim()) heads.push(head);
  const calls = joinCalls(heads);
  const routeOf = learnRoutes(calls.map(({ best }) => best.request));
  const reading = new CoverReading(routeOf, new Set(choice.pins));
  const mayBe = new Set(calls.filter((call) => isWanted(call, choice)).map(({ best }) => best.id));
  for await (const exchange of tape.read(choice.which)) if (mayBe.has(exchange.id)) reading.add(exchange);
  return reading.cover(await pinsBeside(tape, reading));
}

function isWanted({ best, entry }: Call, choice: CoverChoice): boolean {
  const { end, bodyKind, method } = best.request;
  if (end !== "complete" || bodyKind === "cut" || bodyKind === "unredactable" || method === "CONNECT") return false;
  if (choice.entry === true && !entry) return false;
  return choice.service === undefined || best.callee === choice.service;
}

/** Pins that the selection leaves out: those found join in, the others are given. */
async function pinsBeside(tape: TapeReader, reading: CoverReading): Promise<number[]> {
  const missing: number[] = [];
  for (const id of reading.pinsUnmet()) {
    const exchange = await tape.find(id);
    if (exchange === undefined) missing.push(id);
    else reading.add(exchange);
  }
  return missing;
}

/** One pass over the calls to choose from. */
class CoverReading {
  readonly #routeOf: (method: string, path: string) => string;
  readonly #pins: ReadonlySet<number>;
  readonly #numbers = new Map<string, number>();
  readonly #candidates = new Map<number, Covering & Pick<CoverCall, "route" | "status">>();
  readonly #seen = new Set<string>();
  #routeStatuses = 0;
  #of = 0;

  constructor(routeOf: (method: string, path: string) => string, pins: ReadonlySet<number>) {
    this.#routeOf = routeOf;
    this.#pins = pins;
  }

  add({ id, request, answer }: Pick<Exchange, "id" | "request" | "answer">): void {
    this.#of++;
    const [route, status] = [this.#routeOf(request.method, request.path), statusWord(answer)];
    const pair = `${route} ${status}`;
    if (!this.#numbers.has(pair)) this.#routeStatuses++;
    const features = [pair, ...answerShape(answer).map((feature) => `${pair} ${feature}`)]
      .map((feature) => this.#numberOf(feature))
      .sort((a, b) => a - b);
    const isNew = this.#isNew(features.join());
    if (isNew || this.#pins.has(id)) this.#candidates.set(id, { id, features, route, status });
  }

  pinsUnmet(): number[] {
    return [...this.#pins].filter((id) => !this.#candidates.has(id));
  }

  cover(missingPins: readonly number[]): Cover {
    const pins = [...this.#pins].filter((id) => this.#candidates.has(id));
    const chosen = coverSet([...this.#candidates.values()], pins);
    const calls = chosen.map(({ id, brings }) => {
      const { route, status } = this.#candidates.get(id)!;
      return { id, route, status, brings, pinned: this.#pins.has(id) };
    });
    calls.sort((a, b) => a.id - b.id);
    const places = this.#numbers.size - this.#routeStatuses;
    return { calls, of: this.#of, routeStatuses: this.#routeStatuses, places, missingPins };
  }

  #isNew(features: string): boolean {
    if (this.#seen.has(features)) return false;
    this.#seen.add(features);
    return true;
  }

  #numberOf(feature: string): number {
    let number = this.#numbers.get(feature);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(feature, number);
    }
    return number;
  }
}

function statusWord(answer: Answer): string {
  switch (answer.kind) {
    case "response":
    case "status-only":
      return String(answer.status);
    case "failure":
      return answer.reason;
    case "unknown":
      return "unknown";
  }
}
