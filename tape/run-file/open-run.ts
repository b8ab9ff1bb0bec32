import type { Database, Statement } from "better-sqlite3";
import type { Body } from "../../message/index.js";
import { answerEnds, answerKinds, bodyKinds, failureReasons, wordOf } from "../codes.js";
import { type Answer, protocols } from "../exchange.js";
import type { Difference, Outcome, RunReader, RunSummary, StepRecord } from "../run.js";
import { decodeBody } from "../sqlite/body-codec.js";
import { runKind } from "../sqlite/format.js";
import { headersFromBytes } from "../sqlite/header-bytes.js";
import { openForReading } from "../sqlite/open-database.js";
import { orTapeError } from "../sqlite/trouble.js";
import type { RunHeader } from "./run-header.js";

/** A run file opened for reading. */
export interface OpenedRun extends RunReader {
  readonly header: RunHeader;
}

/** Opens a run file, also one that is still being written. Throws a TapeError when it is missing, no run, newer or damaged. */
export function openRun(path: string): OpenedRun {
  return new RunFileReader(path, openForReading(path, runKind));
}

const pageSteps = 500;

class RunFileReader implements OpenedRun {
  readonly #path: string;
  readonly #db: Database;
  readonly #meta: Statement<[string], string>;
  readonly #page: Statement<[number, number], StepRow>;
  readonly #outcome: Statement<[number, string], OutcomeRow>;
  readonly #differences: Statement<[number], { hop: string; difference: string }>;

  constructor(path: string, db: Database) {
    this.#path = path;
    this.#db = db;
    const prepare = () => ({
      meta: db.prepare<[string], string>("SELECT value FROM meta WHERE key = ?").pluck(),
      page: db.prepare<[number, number], StepRow>("SELECT * FROM step WHERE step > ? ORDER BY step LIMIT ?"),
      outcome: db.prepare<[number, string], OutcomeRow>(outcomeQuery),
      differences: db.prepare<[number], { hop: string; difference: string }>(
        "SELECT hop, difference FROM difference WHERE step = ? ORDER BY rowid",
      ),
    });
    try {
      ({
        meta: this.#meta,
        page: this.#page,
        outcome: this.#outcome,
        differences: this.#differences,
      } = orTapeError("open run", path, prepare));
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  }

  get header(): RunHeader {
    return this.#guarded(() => JSON.parse(this.#meta.get("header") ?? "") as RunHeader);
  }

  summary(): RunSummary | undefined {
    return this.#guarded(() => {
      const text = this.#meta.get("summary");
      return text === undefined ? undefined : (JSON.parse(text) as RunSummary);
    });
  }

  *steps(): Generator<StepRecord> {
    let after = -1;
    for (;;) {
      const page = this.#guarded(() => this.#page.all(after, pageSteps).map(stepFromRow));
      yield* page;
      if (page.length < pageSteps) return;
      after = page.at(-1)!.step;
    }
  }

  outcome(step: number, lane: string): Outcome | undefined {
    return this.#guarded(() => {
      const row = this.#outcome.get(step, lane);
      return row && outcomeFromRow(row);
    });
  }

  differencesOf(step: number): readonly (Difference & { hop: string })[] {
    return this.#guarded(() =>
      this.#differences.all(step).map(({ hop, difference }) => ({ ...(JSON.parse(difference) as Difference), hop })),
    );
  }

  close(): void {
    this.#db.close();
  }

  #guarded<T>(query: () => T): T {
    return orTapeError("read run", this.#path, query);
  }
}

interface StepRow {
  step: number;
  exchange: number;
  callee: string;
  route: string;
  method: string;
  path: string;
  protocol: number;
  recorded_at_ms: number;
  recorded_ms: number | null;
  recorded_status: number | null;
}

function stepFromRow(row: StepRow): StepRecord {
  const { step, callee, route, method, path } = row;
  return {
    ...{ step, exchangeId: row.exchange, callee, route, method, path },
    protocol: wordOf(protocols, row.protocol),
    recordedAtMs: row.recorded_at_ms,
    ...(row.recorded_ms === null ? {} : { recordedMs: row.recorded_ms }),
    ...(row.recorded_status === null ? {} : { recordedStatus: row.recorded_status }),
  };
}

const outcomeQuery = `
  SELECT outcome.*, codec, plain_bytes, bytes FROM outcome LEFT JOIN body ON body.id = outcome.body
  WHERE step = ? AND lane = ?`;

interface OutcomeRow {
  step: number;
  lane: string;
  due_ms: number;
  sent_ms: number;
  answered_ms: number;
  answer_kind: number;
  answer_status: number | null;
  answer_end: number | null;
  failure_after_ms: number | null;
  body_kind: number;
  body_bytes: number;
  body_hash: string;
  headers: Buffer | null;
  trailers: Buffer | null;
  codec: number | null;
  plain_bytes: number | null;
  bytes: Buffer | null;
}

function outcomeFromRow(row: OutcomeRow): Outcome {
  const { step, lane } = row;
  const times = { dueMs: row.due_ms, sentMs: row.sent_ms, answeredMs: row.answered_ms };
  return { step, lane, answer: answerFromRow(row), ...times };
}

function answerFromRow(row: OutcomeRow): Answer {
  const kind = wordOf(answerKinds, row.answer_kind);
  switch (kind) {
    case "unknown":
      return { kind };
    case "status-only":
      return { kind, status: row.answer_status! };
    case "failure":
      return { kind, reason: wordOf(failureReasons, row.answer_end!), afterMs: row.failure_after_ms! };
    case "response":
      return {
        kind,
        status: row.answer_status!,
        end: wordOf(answerEnds, row.answer_end!),
        headers: headersFromBytes(row.headers),
        trailers: headersFromBytes(row.trailers),
        body: bodyFromRow(row),
      };
  }
}

function bodyFromRow(row: OutcomeRow): Body {
  const kind = wordOf(bodyKinds, row.body_kind);
  const [hash, fullBytes] = [row.body_hash, row.body_bytes];
  if (kind === "empty") return { kind };
  if (kind === "unredactable") return { kind, fullBytes, hash };
  const { codec, plain_bytes: plainBytes, bytes: coded } = row;
  if (codec === null || plainBytes === null || coded === null)
    throw new RangeError(`the body of Step ${row.step} is missing`);
  const bytes = decodeBody({ codec, plainBytes, bytes: coded });
  return kind === "cut" ? { kind, bytes, fullBytes, hash } : { kind, bytes, hash };
}
