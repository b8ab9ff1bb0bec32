import { performance } from "node:perf_hooks";
import { toEpochNs } from "../../base/index.js";
import type { CapturedStatus, RecorderDescription } from "../captured.js";
import type { Exchange } from "../exchange.js";
import { type LedgerCounts, type LedgerEntry, noCounts } from "../ledger.js";
import { addCounts, type Incarnation } from "../ledger-sums.js";
import type { RedactionKey } from "../redaction/index.js";
import { exchangeOf } from "../sighting/exchange-of.js";
import type { Sighting } from "../sighting/sighting.js";

/** What became of a part: `ignored` when it was kept already. */
export type Kept = "new" | "completed" | "ignored";

const minuteNs = 60_000_000_000n;

/** What a memory tape holds, for its writers and its reader. */
export class KeptInMemory {
  readonly key: RedactionKey;
  readonly createdNs: bigint;
  readonly incarnations: Incarnation[] = [];
  readonly entries: LedgerEntry[] = [];
  /** In the order of their ids, which are their places here plus one. */
  readonly exchanges: Exchange[] = [];
  readonly #places = new Map<string, number>();
  readonly #open = new Set<string>();
  readonly #statuses = new Map<string, CapturedStatus>();

  constructor(key: RedactionKey) {
    this.key = key;
    this.createdNs = BigInt(Date.now()) * 1_000_000n;
  }

  register({ id, service, upstream, redaction, ...recorder }: RecorderDescription): Incarnation {
    const nowNs = toEpochNs(recorder, performance.now());
    const incarnation: Incarnation = { id, startedNs: nowNs, aliveNs: nowNs, dead: false };
    if (service !== undefined) incarnation.service = service;
    if (upstream !== undefined) incarnation.upstream = upstream;
    if (redaction !== undefined) incarnation.redaction = redaction;
    this.incarnations.push(incarnation);
    return incarnation;
  }

  /** A part already kept is ignored. */
  keep(sighting: Sighting, recorder: RecorderDescription): Kept {
    const name = `${recorder.id.incarnation} ${sighting.part.sequence}`;
    const place = this.#places.get(name) ?? this.exchanges.length;
    const isNew = place === this.exchanges.length;
    const completes = sighting.part.part === "answer" && this.#open.has(name);
    if (!isNew && !completes) return "ignored";
    this.exchanges[place] = withStatus(exchangeOf(sighting, recorder, place + 1), this.#statuses.get(name));
    this.#places.set(name, place);
    if (sighting.complete) this.#open.delete(name);
    else this.#open.add(name);
    return isNew ? "new" : "completed";
  }

  /** A real answer, and the first status that was told, stay. */
  keepStatus(status: CapturedStatus, recorder: RecorderDescription): void {
    const name = `${recorder.id.incarnation} ${status.sequence}`;
    if (!this.#statuses.has(name)) this.#statuses.set(name, status);
    const place = this.#places.get(name);
    if (place !== undefined) this.exchanges[place] = withStatus(this.exchanges[place]!, this.#statuses.get(name));
  }

  count(incarnation: Incarnation, atNs: bigint, counts: Partial<LedgerCounts>): void {
    const entry = { recorder: incarnation.id, minuteNs: atNs - (atNs % minuteNs), counts: noCounts() };
    addCounts(entry.counts, counts);
    this.entries.push(entry);
  }
}

function withStatus(exchange: Exchange, told: CapturedStatus | undefined): Exchange {
  if (told === undefined || exchange.answer.kind !== "unknown") return exchange;
  const { answer } = told;
  const afterMs = told.endedAfterMs ?? 0;
  const answered: Exchange = { ...exchange, answer: answer.kind === "failure" ? { ...answer, afterMs } : answer };
  if (told.startedAfterMs !== undefined && answer.kind !== "failure")
    answered.answerStartedNs = afterNs(exchange, told.startedAfterMs);
  if (told.endedAfterMs !== undefined || answer.kind === "failure") answered.answerEndedNs = afterNs(exchange, afterMs);
  if (told.proxy !== undefined) answered.proxy = told.proxy;
  return answered;
}

function afterNs({ startedNs }: Exchange, ms: number): bigint {
  return startedNs + BigInt(Math.round(ms * 1e6));
}
