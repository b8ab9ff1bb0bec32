import type { Database, Statement } from "better-sqlite3";
import type { Body } from "../../message/index.js";
import { answerEnds, answerKinds, bodyKinds, failureReasons, wordOf } from "../codes.js";
import type { Answer } from "../exchange.js";
import type {
  Difference,
  FoundDifference,
  Outcome,
  PairedHops,
  RunReader,
  RunSummary,
  SentRequest,
  StepRecord,
} from "../run.js";
import { decodeBody } from "../sqlite/body-codec.js";
import { runKind } from "../sqlite/format.js";
import { headersFromBytes } from "../sqlite/header-bytes.js";
import { openForReading } from "../sqlite/open-database.js";
import { orTapeError } from "../sqlite/trouble.js";
import { readBlock, sameLayout, stepLayout } from "./blocks.js";
import type { RunHeader } from "./run-header.js";

/** A run file opened for reading. */
export interface OpenedRun extends RunReader {
  readonly header: RunHeader;
}

/** Opens a run file, also one that is still being written. Throws a TapeError when it is missing, no run, newer or damaged. */
export function openRun(path: string): OpenedRun {
  return new RunFileReader(path, openForReading(path, runKind));
}

class RunFileReader implements OpenedRun {
  readonly #path: string;
  readonly #db: Database;
  readonly #meta: Statement<[string], string>;
  readonly #blockPlaces: Statement<[], { id: number; first: number }>;
  readonly #stepBlock: Statement<[number], StoredBlock>;
  readonly #sameBlocks: Statement<[number, number], StoredBlock>;
  readonly #request: Statement<[number], RequestRow>;
  readonly #outcome: Statement<[number, string], OutcomeRow>;
  readonly #differences: Statement<[number], { hop: string; difference: string }>;
  readonly #moreDifferences: Statement<[number, number], DifferenceRow>;
  readonly #stepBlocks: Statement<[number, number], { id: number }>;
  readonly #pairedHops: Statement<[number, string], string>;
  /** The block in which a Step was found last: those asked for one by one are near each other. */
  #lastBlock: readonly StepRecord[] = [];

  constructor(path: string, db: Database) {
    this.#path = path;
    this.#db = db;
    const prepare = () => ({
      meta: db.prepare<[string], string>("SELECT value FROM meta WHERE key = ?").pluck(),
      blockPlaces: db.prepare<[], { id: number; first: number }>("SELECT id, first FROM step_block ORDER BY first"),
      stepBlock: db.prepare<[number], StoredBlock>("SELECT texts, numbers FROM step_block WHERE id = ?"),
      sameBlocks: db.prepare<[number, number], StoredBlock>(
        "SELECT texts, numbers FROM same_block WHERE first <= ? AND last >= ?",
      ),
      request: db.prepare<[number], RequestRow>(
        "SELECT request.*, codec, plain_bytes, bytes FROM request LEFT JOIN body ON body.id = request.body WHERE step = ?",
      ),
      outcome: db.prepare<[number, string], OutcomeRow>(outcomeQuery),
      differences: db.prepare<[number], { hop: string; difference: string }>(
        "SELECT hop, difference FROM difference WHERE step = ? ORDER BY rowid",
      ),
      moreDifferences: db.prepare<[number, number], DifferenceRow>(
        `SELECT rowid AS row, step, hop, difference FROM difference WHERE (step, rowid) > (?, ?) ORDER BY step, rowid LIMIT ${differencesAtOnce}`,
      ),
      stepBlocks: db.prepare<[number, number], { id: number }>(
        "SELECT id FROM step_block WHERE first <= ? AND last >= ?",
      ),
      pairedHops: db
        .prepare<[number, string], string>("SELECT tree FROM paired_hops WHERE step = ? AND lane = ?")
        .pluck(),
    });
    try {
      ({
        meta: this.#meta,
        blockPlaces: this.#blockPlaces,
        stepBlock: this.#stepBlock,
        sameBlocks: this.#sameBlocks,
        request: this.#request,
        outcome: this.#outcome,
        differences: this.#differences,
        moreDifferences: this.#moreDifferences,
        stepBlocks: this.#stepBlocks,
        pairedHops: this.#pairedHops,
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
    let ahead: StepRecord[] = [];
    for (const block of this.#guarded(() => this.#blockPlaces.all())) {
      const before = ahead.filter(({ step }) => step < block.first);
      yield* before;
      const found = this.#guarded(() => readBlock(stepLayout, this.#stepBlock.get(block.id)!));
      ahead = [...ahead.slice(before.length), ...found].sort((a, b) => a.step - b.step);
    }
    yield* ahead;
  }

  step(step: number): StepRecord | undefined {
    const inLast = this.#lastBlock.find((record) => record.step === step);
    if (inLast !== undefined) return inLast;
    return this.#guarded(() => {
      for (const { id } of this.#stepBlocks.all(step, step)) {
        const steps = readBlock(stepLayout, this.#stepBlock.get(id)!);
        const found = steps.find((record) => record.step === step);
        if (found === undefined) continue;
        this.#lastBlock = steps;
        return found;
      }
      return undefined;
    });
  }

  outcome(step: number, lane: string): Outcome | undefined {
    return this.#guarded(() => {
      const row = this.#outcome.get(step, lane);
      return row === undefined ? this.#sameOutcome(step, lane) : outcomeFromRow(row);
    });
  }

  #sameOutcome(step: number, lane: string): Outcome | undefined {
    for (const block of this.#sameBlocks.all(step, step)) {
      const found = readBlock(sameLayout, block).find((same) => same.step === step && same.lane === lane);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  request(step: number): SentRequest | undefined {
    return this.#guarded(() => {
      const row = this.#request.get(step);
      return row && requestFromRow(row);
    });
  }

  differencesOf(step: number): readonly (Difference & { hop: string })[] {
    return this.#guarded(() =>
      this.#differences.all(step).map((row) => {
        const { hop, difference } = foundDifference({ ...row, step });
        return { ...difference, hop };
      }),
    );
  }

  *differences(): Generator<FoundDifference> {
    let after: [step: number, row: number] = [-1, -1];
    for (;;) {
      // In pages, for a statement that is being stepped through would hold up all others of this file.
      const rows = this.#guarded(() => this.#moreDifferences.all(...after));
      for (const row of rows) yield foundDifference(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = [last.step, last.row];
    }
  }

  pairedHops(step: number, lane: string): PairedHops | undefined {
    return this.#guarded(() => {
      const text = this.#pairedHops.get(step, lane);
      return text === undefined ? undefined : (JSON.parse(text) as PairedHops);
    });
  }

  close(): void {
    this.#db.close();
  }

  #guarded<T>(query: () => T): T {
    return orTapeError("read run", this.#path, query);
  }
}

const differencesAtOnce = 4096;

interface DifferenceRow {
  row: number;
  step: number;
  hop: string;
  difference: string;
}

function foundDifference({ step, hop, difference }: Omit<DifferenceRow, "row">): FoundDifference {
  const { route, ...found } = JSON.parse(difference) as Difference & { route?: string };
  // What is left is the Difference that was given: taking a field out of a union is more than the compiler can follow.
  return { step, hop, difference: found as Difference, ...(route === undefined ? {} : { route }) };
}

interface StoredBlock {
  texts: string;
  numbers: Buffer;
}

const outcomeQuery = `
  SELECT outcome.*, codec, plain_bytes, bytes FROM outcome LEFT JOIN body ON body.id = outcome.body
  WHERE step = ? AND lane = ?`;

/** A body where a row has one. */
interface BodyColumns {
  step: number;
  body_kind: number;
  body_bytes: number;
  body_hash: string;
  codec: number | null;
  plain_bytes: number | null;
  bytes: Buffer | null;
}

interface RequestRow extends BodyColumns {
  given: string;
  headers: Buffer;
}

function requestFromRow(row: RequestRow): SentRequest {
  const given = JSON.parse(row.given) as string[];
  return { step: row.step, headers: headersFromBytes(row.headers), given, body: bodyFromRow(row) };
}

interface OutcomeRow extends BodyColumns {
  lane: string;
  due_ms: number;
  sent_ms: number;
  answered_ms: number;
  answer_kind: number;
  answer_status: number | null;
  answer_end: number | null;
  failure_after_ms: number | null;
  headers: Buffer | null;
  trailers: Buffer | null;
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

function bodyFromRow(row: BodyColumns): Body {
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
