import type { Database, Statement } from "better-sqlite3";
import type { CapturedStatus } from "../captured.js";
import { answerKinds, failureReasons } from "../codes.js";
import { vantages } from "../exchange.js";
import type { SegmentMemory } from "./segment-memory.js";

/** What became of a status: `kept` beside its Exchange or until that comes, `ignored` when the answer is known already. */
export type KeptStatus = "kept" | "ignored";

/**
 * The statuses that an access log told of one recorder's Exchanges: rows of table `status`. A row is `here` when its
 * Exchange is stored in the same segment, has ended, and has no answer of its own. A real answer is never replaced, nor is
 * the first status that was told.
 */
export class StatusRows {
  readonly #recorder: number;
  readonly #memory: SegmentMemory;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(db: Database, recorder: number, memory: SegmentMemory) {
    this.#recorder = recorder;
    this.#memory = memory;
    this.#statements = prepareStatements(db);
  }

  /** Within a transaction. */
  keep(status: CapturedStatus): KeptStatus {
    const { sequence } = status;
    const isHere = this.#memory.unanswered.has(sequence);
    const isAnswered = !isHere && this.#memory.stored.has(sequence) && this.#memory.openCall(sequence) === undefined;
    if (isAnswered) return "ignored";
    const { changes } = this.#statements.insert.run(
      this.#recorder,
      sequence,
      vantages.indexOf(status.vantage),
      isHere ? 1 : 0,
      ...answerValues(status),
      status.proxy === undefined ? null : JSON.stringify(status.proxy),
    );
    if (changes === 0) return "ignored";
    if (!isHere) this.#memory.waits(sequence);
    return "kept";
  }

  /** To be called for each Exchange that was stored whole; within the same transaction. */
  stored(sequence: number, isAnswered: boolean): void {
    if (!this.#memory.isWaiting(sequence)) return;
    if (isAnswered) this.#statements.remove.run(this.#recorder, sequence);
    else this.#statements.isHere.run(this.#recorder, sequence);
    this.#memory.waitsNoMore(sequence);
  }
}

/** Kind, status, reason, and when it began and ended. */
function answerValues({ answer, startedAfterMs, endedAfterMs }: CapturedStatus): (number | null)[] {
  const kind = answerKinds.indexOf(answer.kind);
  if (answer.kind === "failure")
    return [kind, null, failureReasons.indexOf(answer.reason), null, inNs(endedAfterMs) ?? 0];
  return [kind, answer.status, null, inNs(startedAfterMs), inNs(endedAfterMs)];
}

function inNs(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1e6);
}

function prepareStatements(db: Database) {
  return {
    insert: db.prepare(
      `INSERT INTO status (recorder, sequence, vantage, here, answer_kind, answer_status, answer_end,
         answer_started_after_ns, answer_ended_after_ns, proxy)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ) as Statement<(number | string | null)[]>,
    isHere: db.prepare("UPDATE status SET here = 1 WHERE recorder = ? AND sequence = ?"),
    remove: db.prepare("DELETE FROM status WHERE recorder = ? AND sequence = ?"),
  };
}
