import { allValues } from "../../message/index.js";
import type { Answer, Exchange, Request } from "../../tape/index.js";
import { isSameAnswer } from "../compare/index.js";
import { BlockedTally } from "./blocked-tally.js";
import type { CarriedPair, Carry, CarryTally, Prepared } from "./carry.js";
import { carryCookies } from "./carry-cookies.js";
import { CookieJar } from "./cookie-jar.js";
import type { Credentials } from "./credentials/credentials.js";
import type { Learnt } from "./learn-plan.js";
import { nounOf } from "./links/subject.js";
import type { Link } from "./links/table.js";
import { type Live, LiveValues } from "./live-values.js";
import { isOfOneClass, isOfSameStatusClass, liveValuesOf, movedIn, ProducingPlaces } from "./produced-values.js";
import { RecordedTerms } from "./recorded-terms.js";
import { walkRequest } from "./values/message.js";

/** What carrying stands on. */
export interface LiveCarryEnv {
  learnt: Learnt;
  credentials: Credentials;
  /** Wall clock in epoch milliseconds, for the expiry of cookies. */
  nowMs: () => number;
  exchangeIdOf: (step: number) => number;
  routeOf: (method: string, path: string) => string;
}

type Ready = Extract<Prepared, { kind: "send" }>;
type Blocked = Extract<Live, { kind: "blocked" }>;

/** Carries what a tape has taught, live. */
export function openLiveCarry(env: LiveCarryEnv): Carry {
  return new LiveCarry(env);
}

class LiveCarry implements Carry {
  readonly #lanes = new Map<string, LaneState>();
  readonly #blocked = new BlockedTally();
  #carried = 0;
  #provided = 0;
  /** By route. */
  readonly #producing: ReadonlyMap<string, ProducingPlaces>;
  /** The Step at hand was not made ready for its lane before. */
  #isFirst = true;

  constructor(private readonly env: LiveCarryEnv) {
    const { produced } = env.learnt;
    this.#producing = new Map([...produced].map(([route, places]) => [route, new ProducingPlaces(places)]));
  }

  get warnings(): readonly string[] {
    return this.env.learnt.warnings;
  }

  tally(): CarryTally {
    const { most: blocked, steps } = this.#blocked;
    const links = this.env.learnt.links.size;
    return { links, carried: this.#carried, provided: this.#provided, blocked, blockedSteps: steps() };
  }

  producersOf(step: number): readonly number[] {
    return this.env.learnt.links.producersOf(step);
  }

  pairs(): Iterable<CarriedPair> {
    return this.env.learnt.links.pairs(this.env.exchangeIdOf);
  }

  leavesOut(step: number): boolean {
    return this.env.learnt.leftOut.has(step);
  }

  prepare(exchange: Exchange, step: number, laneName: string): Prepared {
    const { learnt } = this.env;
    const links = learnt.links.ofConsumer(step);
    const session = learnt.sessions.of(step);
    const mayNeedCredentials = exchange.redacted.request.length > 0 && !this.env.credentials.isEmpty;
    if (links.length === 0 && session === undefined && !mayNeedCredentials) {
      return { kind: "send", request: exchange.request };
    }
    const lane = this.#lane(laneName);
    // A Step may be sent again, to tell noise: it is told of once.
    this.#isFirst = lane.isFirst(step);
    const prepared = this.#prepareIn(lane, exchange, links, session);
    lane.live.release(step);
    if (prepared.kind === "blocked") {
      lane.live.set(step, prepared);
      if (this.#isFirst) this.#blocked.add(laneName, exchange, this.#routeOf(exchange), prepared);
    }
    return prepared;
  }

  #prepareIn(
    lane: LaneState,
    exchange: Exchange,
    links: readonly Link[],
    session: number | undefined,
  ): Ready | Blocked {
    const values = new Map<string, string>();
    const setBy = new Map<string, number>();
    for (const { producerStep, producerPlace, consumerPlace } of links) {
      const live = lane.live.of(producerStep);
      if (live?.kind === "blocked") return live;
      if (producerPlace.startsWith("set-cookie:") && consumerPlace.startsWith("cookie:")) {
        setBy.set(consumerPlace.slice("cookie:".length), producerStep);
        continue;
      }
      const value = live?.values.get(producerPlace);
      if (value === undefined) return this.#blockedBy(producerStep, live);
      values.set(consumerPlace, value);
    }
    const request = this.#rewritten(exchange, values);
    return session === undefined ? { kind: "send", request } : this.#withCookies(lane, session, request, setBy);
  }

  #blockedBy(producerStep: number, live: Live | undefined): Blocked {
    return { kind: "blocked", by: this.env.exchangeIdOf(producerStep), route: live?.route ?? "" };
  }

  #routeOf({ request }: Exchange): string {
    return this.env.routeOf(request.method, request.path);
  }

  #withCookies(
    lane: LaneState,
    session: number,
    request: Request,
    setBy: ReadonlyMap<string, number>,
  ): Ready | Blocked {
    const { learnt, nowMs } = this.env;
    const jar = lane.jar(session);
    const { recordedCookies: recordedNames } = learnt.sessions;
    const carried = carryCookies(request.headers, { jar, request, setBy, recordedNames, nowMs: nowMs() });
    if ("unset" in carried) return this.#blockedBy(carried.unset, lane.live.of(carried.unset));
    if (this.#isFirst) this.#carried += setBy.size;
    const { headers } = carried;
    return { kind: "send", request: headers === request.headers ? request : { ...request, headers } };
  }

  #rewritten(exchange: Exchange, values: ReadonlyMap<string, string>): Request {
    const { credentials } = this.env;
    const given = credentials.isEmpty ? undefined : credentials.forCall(exchange);
    if (values.size === 0 && given === undefined) return exchange.request;
    return walkRequest(exchange.request, (spot) => {
      const { place } = spot;
      const value = values.get(place);
      if (value !== undefined) {
        if (this.#isFirst) this.#carried++;
        return value;
      }
      const provided = given?.(place, spot.value);
      if (provided !== undefined && this.#isFirst) this.#provided++;
      return provided;
    });
  }

  landed(exchange: Exchange, step: number, laneName: string, answer: Answer): void {
    const { learnt } = this.env;
    const session = learnt.sessions.of(step);
    const links = learnt.links.ofProducer(step);
    if (session === undefined && links.length === 0) return;
    const lane = this.#lane(laneName);
    if (session !== undefined && answer.kind === "response") {
      const fields = allValues(answer.headers, "set-cookie");
      if (fields.length > 0) lane.jar(session).take(fields, exchange.request, this.env.nowMs());
    }
    if (links.length === 0) return;
    const route = this.#routeOf(exchange);
    if (!isOfSameStatusClass(exchange.answer, answer)) lane.live.set(step, { kind: "blocked", by: exchange.id, route });
    else lane.live.set(step, { kind: "values", values: liveValuesOf(links, exchange.answer, answer), route });
  }

  unsent(exchange: Exchange, step: number, laneName: string): void {
    const lane = this.#lane(laneName);
    lane.live.release(step);
    lane.live.set(step, { kind: "blocked", by: exchange.id, route: this.#routeOf(exchange) });
  }

  asRecorded(
    exchange: Exchange,
    _step: number,
    lanes: readonly string[],
    answers: readonly Answer[],
  ): readonly Answer[] {
    if (this.#producing.size === 0 && this.env.credentials.isEmpty) return answers;
    this.#learnProvided(exchange, lanes);
    const same = answers.map((answer) => isSameAnswer(exchange.answer, answer));
    // What gives the recorded values again teaches no terms, and has nothing to be read as.
    if (!same.includes(false)) return answers;
    this.#learnTerms(exchange, lanes, answers, same);
    let changed = false;
    const noun = nounOf(exchange.request.path);
    const translated = answers.map((answer, at) => {
      const { terms } = this.#lane(lanes[at]!);
      if (terms.isEmpty || same[at]) return answer;
      const read = terms.translate(answer, noun);
      changed ||= read !== answer;
      return read;
    });
    return changed ? translated : answers;
  }

  /** Where the route is known to produce values, what the live ones stand for. `same`: whose answer is as recorded. */
  #learnTerms(
    { request, answer }: Exchange,
    lanes: readonly string[],
    answers: readonly Answer[],
    same: readonly boolean[],
  ): void {
    const places = this.#producing.get(this.env.routeOf(request.method, request.path));
    if (places === undefined || answer.kind !== "response") return;
    const noun = nounOf(request.path);
    const recorded = places.valuesOf(answer, noun);
    if (recorded.size === 0) return;
    const live = answers.map((one, at) => (same[at] ? recorded : places.valuesOf(one, noun)));
    const moved = live.map((values) => movedIn(recorded, values));
    for (const [place, value] of recorded) {
      // The reference answered the recorded value again: it is not made anew each time, so a lane that changes it diverges.
      const isStable = lanes.length > 1 && live[0]?.get(place)?.value === value.value;
      for (const [at, values] of live.entries()) {
        const now = values.get(place);
        if (now === undefined || (isStable && at > 0) || !isOfOneClass(value, now) || moved[at]!(value, now)) continue;
        this.#lane(lanes[at]!).terms.add(value.value, now.value, value.subjects);
      }
    }
  }

  #learnProvided(exchange: Exchange, lanes: readonly string[]): void {
    const { credentials } = this.env;
    if (credentials.isEmpty || exchange.redacted.request.length === 0) return;
    for (const { recorded, redacted } of credentials.standingFor(exchange)) {
      for (const lane of lanes) this.#lane(lane).terms.add(recorded, redacted, []);
    }
  }

  close(): void {
    this.env.credentials.close();
  }

  #lane(name: string): LaneState {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = new LaneState(new LiveValues(this.env.learnt.links), this.env.learnt.links.steps);
      this.#lanes.set(name, lane);
    }
    return lane;
  }
}

/** What one lane knows of its own answers. */
class LaneState {
  readonly terms = new RecordedTerms();
  readonly #jars = new Map<number, CookieJar>();

  readonly #prepared: Uint8Array;

  constructor(
    readonly live: LiveValues,
    steps: number,
  ) {
    this.#prepared = new Uint8Array(steps);
  }

  /** Whether this is asked for the first time. */
  isFirst(step: number): boolean {
    const isFirst = this.#prepared[step] === 0;
    this.#prepared[step] = 1;
    return isFirst;
  }

  jar(session: number): CookieJar {
    let jar = this.#jars.get(session);
    if (jar === undefined) {
      jar = new CookieJar();
      this.#jars.set(session, jar);
      // Sessions of a long tape come and go; the one that began first is over first.
      if (this.#jars.size > mostSessions) this.#jars.delete(this.#jars.keys().next().value!);
    }
    return jar;
  }
}

/** Sessions of a lane whose cookies are kept. */
const mostSessions = 100_000;
