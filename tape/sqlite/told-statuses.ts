import type { Database, Statement } from "better-sqlite3";
import { answerKinds, failureReasons, wordOf } from "../codes.js";
import type { Exchange, ExchangeHead, ProxyReport } from "../exchange.js";
import type { SegmentFigures } from "../tape-figures.js";
import type { SegmentReader } from "./segment-reader.js";
import type { StoredBlock } from "./stored-blocks.js";

/** What a status row says. */
export interface ToldStatus {
  kind: number;
  status: number | null;
  reason: number | null;
  startedAfterNs: number | null;
  endedAfterNs: number | null;
  proxy: string | null;
}

/** Statuses that came into another segment than their Exchange, or before it ended, by the id where the Exchange stands. */
export type ToldStatuses = ReadonlyMap<number, ToldStatus>;

const told = `answer_kind AS kind, answer_status AS status, answer_end AS reason,
  answer_started_after_ns AS startedAfterNs, answer_ended_after_ns AS endedAfterNs, proxy`;
const noneTold: ReadonlyMap<number, ToldStatus> = new Map();

/** The statuses of a segment whose Exchanges are in it, too. */
export class ToldHere {
  readonly #any: Statement<[], number>;
  readonly #ofBlock: Statement<[number, number, number], ToldStatus & { sequence: number }>;
  #known = new WeakMap<StoredBlock, ReadonlyMap<number, ToldStatus>>();

  constructor(db: Database) {
    this.#any = db.prepare<[], number>("SELECT EXISTS (SELECT 1 FROM status)").pluck();
    this.#ofBlock = db.prepare(
      `SELECT sequence, ${told} FROM status WHERE recorder = ? AND sequence BETWEEN ? AND ? AND here = 1`,
    );
  }

  /** To be called before each walk: statuses may have come since the last. */
  refresh(): void {
    this.#known = new WeakMap();
  }

  /** By sequence. */
  of(stored: StoredBlock): ReadonlyMap<number, ToldStatus> {
    const known = this.#known.get(stored);
    if (known !== undefined) return known;
    const found = this.#any.get() === 1 ? this.#read(stored) : noneTold;
    this.#known.set(stored, found);
    return found;
  }

  #read({ recorder, sequences }: StoredBlock): ReadonlyMap<number, ToldStatus> {
    const rows = this.#ofBlock.all(recorder, sequences.least, sequences.greatest);
    return new Map(rows.map(({ sequence, ...status }) => [sequence, status]));
  }
}

interface StatusRow extends ToldStatus {
  incarnation: string;
  sequence: number;
}

/** Looks up the Exchanges of the other status rows. There are few: about as many as were in flight when a segment was sealed. */
export function findToldStatuses(segments: readonly SegmentReader[]): ToldStatuses {
  const found = new Map<number, ToldStatus>();
  for (const row of segments.flatMap(rowsElsewhere)) {
    for (const segment of segments) {
      const place = segment.rowOf(row.incarnation, row.sequence);
      if (place !== undefined) found.set(segment.idBase + place, row);
    }
  }
  return found;
}

/** The head (or the Exchange) with the status that was told of it, where it has no answer of its own. */
export function withStatus<T extends ExchangeHead | Exchange>(head: T, status: ToldStatus | undefined): T {
  if (status === undefined || head.answer.kind !== "unknown") return head;
  const answered: T = { ...head, answer: answerOf(status) };
  if (status.startedAfterNs !== null) answered.answerStartedNs = head.startedNs + BigInt(status.startedAfterNs);
  if (status.endedAfterNs !== null) answered.answerEndedNs = head.startedNs + BigInt(status.endedAfterNs);
  if (status.proxy !== null) answered.proxy = JSON.parse(status.proxy) as ProxyReport;
  return answered;
}

function answerOf({
  kind,
  status,
  reason,
  endedAfterNs,
}: ToldStatus): Extract<ExchangeHead["answer"], { kind: "status-only" | "failure" }> {
  if (wordOf(answerKinds, kind) !== "failure") return { kind: "status-only", status: status ?? 0 };
  return { kind: "failure", reason: wordOf(failureReasons, reason ?? 0), afterMs: (endedAfterNs ?? 0) / 1e6 };
}

/** Moves them from the unknown answers to what was told of them. */
export function countedAsTold(told: ToldStatuses, heads: Iterable<ExchangeHead>): SegmentFigures {
  const unknown = [...heads].filter(({ answer }) => answer.kind === "unknown");
  const tallies = unknown.flatMap(({ id, vantage }) => [
    { vantage, answer: "unknown" as const, exchanges: -1, truncated: 0, bodyBytes: 0 },
    { vantage, answer: answerOf(told.get(id)!).kind, exchanges: 1, truncated: 0, bodyBytes: 0 },
  ]);
  return { tallies, exchangesBy: new Map(), bodies: { stored: 0, bytesStored: 0 } };
}

function rowsElsewhere(segment: SegmentReader): StatusRow[] {
  const query = `
    SELECT incarnation, sequence, ${told}
    FROM status JOIN recorder ON recorder.id = status.recorder WHERE here = 0`;
  return segment.guarded(() => segment.db.prepare<[], StatusRow>(query).all());
}
