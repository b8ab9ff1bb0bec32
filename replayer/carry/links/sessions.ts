import { allValues } from "../../../message/index.js";
import type { Exchange } from "../../../tape/index.js";
import { parseSetCookie } from "../cookies.js";

/** Sessions whose cookies are remembered while learning; the ones unused for longest go first. */
const mostSessions = 100_000;

/** The cookies that the tape's answers set, by session, and the session of each Step. */
export class RecordedSessions {
  /** Names of the cookies that some recorded answer set. */
  readonly recordedCookies = new Set<string>();
  /** By Step; 0 for none. */
  readonly #ofStep: number[] = [];
  /** Where a session was found to be another one: its parent. */
  readonly #parents: number[] = [0];
  #cookies = new Map<number, Map<string, { step: number; value: string }>>();

  /** The session of a Step; undefined for none. */
  of(step: number): number | undefined {
    return this.#root(this.#ofStep[step] ?? 0) || undefined;
  }

  /** A request carries a cookie that the answer of an earlier Step set. */
  join(step: number, producerStep: number): void {
    const [own, other] = [this.#root(this.#ofStep[step] ?? 0), this.#root(this.#ofStep[producerStep] ?? 0)];
    if (other === 0) return;
    this.#ofStep[step] = other;
    if (own === 0 || own === other) return;
    this.#parents[own] = other;
    const cookies = this.#cookies.get(other) ?? new Map<string, { step: number; value: string }>();
    for (const [name, cookie] of this.#cookies.get(own) ?? []) if (!cookies.has(name)) cookies.set(name, cookie);
    this.#keep(other, cookies);
    this.#cookies.delete(own);
  }

  /** The Step that set this cookie in a Step's session, where it was set to this value. */
  setterOf(step: number, name: string, value: string): number | undefined {
    const session = this.of(step);
    if (session === undefined) return undefined;
    const found = this.#cookies.get(session)?.get(name);
    return found?.value === value ? found.step : undefined;
  }

  /** Takes in what a Step's recorded answer set. */
  take(exchange: Exchange, step: number): void {
    this.#ofStep[step] ??= 0;
    if (exchange.answer.kind !== "response") return;
    const fields = allValues(exchange.answer.headers, "set-cookie");
    if (fields.length === 0) return;
    const session = this.of(step) ?? this.#newSession(step);
    const cookies = this.#cookies.get(session) ?? new Map<string, { step: number; value: string }>();
    const nowMs = Number(exchange.startedNs / 1_000_000n);
    for (const field of fields) {
      const cookie = parseSetCookie(field, nowMs);
      if (cookie === undefined) continue;
      this.recordedCookies.add(cookie.name);
      if (cookie.expiresMs !== undefined && cookie.expiresMs <= nowMs) cookies.delete(cookie.name);
      else cookies.set(cookie.name, { step, value: cookie.value.replace(/^"(.*)"$/, "$1") });
    }
    this.#keep(session, cookies);
  }

  #newSession(step: number): number {
    const session = this.#parents.push(0) - 1;
    this.#ofStep[step] = session;
    return session;
  }

  #keep(session: number, cookies: Map<string, { step: number; value: string }>): void {
    this.#cookies.delete(session);
    this.#cookies.set(session, cookies);
    if (this.#cookies.size > mostSessions) this.#cookies.delete(this.#cookies.keys().next().value!);
  }

  #root(session: number): number {
    let at = session;
    while (this.#parents[at] !== 0 && this.#parents[at] !== undefined) at = this.#parents[at]!;
    return at;
  }
}
