import type { Database } from "better-sqlite3";
import { answerKinds, bodyKinds, requestEnds, wordOf } from "../codes.js";
import { type RecorderId, vantages } from "../exchange.js";
import { type LedgerEntry, ledgerCounts, noCounts } from "../ledger.js";
import type { Incarnation, Lost } from "../ledger-sums.js";
import type { RedactionSpec } from "../redaction/rules/spec.js";
import type { SegmentFigures } from "../tape-figures.js";
import { isRunning } from "./process-id.js";
import { columnOf } from "./schema.js";

/** Counts a segment. */
export function readFigures(db: Database): SegmentFigures {
  const [stored, bytesStored] = db
    .prepare<[], [number, number]>("SELECT coalesce(sum(bodies), 0), coalesce(sum(length(bytes)), 0) FROM body_shelf")
    .raw()
    .get()!;
  const [firstNs, lastNs] = db.prepare<[], [bigint | null, bigint | null]>(boundsQuery).raw().safeIntegers(true).get()!;
  return {
    tallies: [...readTallies(db), ...readTold(db)],
    exchangesBy: new Map(db.prepare<[], [string, number]>(byRecorderQuery).raw().all()),
    bodies: { stored, bytesStored },
    ...(firstNs === null ? {} : { firstNs }),
    ...(lastNs === null ? {} : { lastNs }),
  };
}

/** The incarnations that wrote to a segment. */
export function readIncarnations(db: Database): Incarnation[] {
  const rows = db.prepare<[], IncarnationRow>(incarnationQuery).safeIntegers(true).all();
  return rows.map(
    ({ id, name, incarnation, service, upstream, redaction, process, started_ns, alive_ns, stopped_ns }) => ({
      id: { name, incarnation },
      ...(service === null ? {} : { service }),
      ...(upstream === null ? {} : { upstream }),
      ...(redaction === null ? {} : { redaction: JSON.parse(redaction) as RedactionSpec[] }),
      startedNs: started_ns,
      aliveNs: alive_ns,
      ...(stopped_ns === null ? {} : { stoppedNs: stopped_ns }),
      dead: stopped_ns === null && isRunning(process) === false,
      ...lostBy(db, id),
    }),
  );
}

function lostBy(db: Database, recorder: bigint): { lost?: Lost[] } {
  const rows = db.prepare<[bigint], [bigint, bigint, bigint]>(lostQuery).raw().safeIntegers(true).all(recorder);
  const lost = rows.map(([fromNs, toNs, exchanges]) => ({ fromNs, toNs, exchanges: Number(exchanges) }));
  return lost.length === 0 ? {} : { lost };
}

/** The ledger of a segment, by minute. */
export function readEntries(db: Database): LedgerEntry[] {
  const recorders = new Map(
    db
      .prepare<[], RecorderId & { id: number }>("SELECT id, name, incarnation FROM recorder")
      .all()
      .map(({ id, name, incarnation }) => [id, { name, incarnation }]),
  );
  const rows = db
    .prepare<[], Record<string, bigint>>("SELECT * FROM ledger ORDER BY minute_ns")
    .safeIntegers(true)
    .all();
  return rows.map((row) => {
    const recorder = recorders.get(Number(row.recorder));
    if (!recorder) throw new RangeError(`recorder ${row.recorder} of the ledger is not in its segment`);
    const counts = noCounts();
    for (const count of ledgerCounts) counts[count] = Number(row[columnOf(count)]);
    return { recorder, minuteNs: row.minute_ns!, counts };
  });
}

const boundsQuery = "SELECT min(first_ns), max(last_ns) FROM block";
const byRecorderQuery =
  "SELECT incarnation, sum(exchanges) FROM block JOIN recorder ON recorder.id = block.recorder GROUP BY block.recorder";
const incarnationQuery =
  "SELECT id, name, incarnation, service, upstream, redaction, process, started_ns, alive_ns, stopped_ns FROM recorder ORDER BY started_ns, id";
const lostQuery = "SELECT from_ns, to_ns, exchanges FROM lost WHERE recorder = ? ORDER BY from_ns";

const tallyQuery = `
  SELECT vantage, answer_kind, sum(exchanges),
    sum(exchanges * (request_body_kind = :cut OR answer_body_kind = :cut OR request_end = :aborted)), sum(body_bytes)
  FROM shape_block JOIN shape ON shape.id = shape_block.shape GROUP BY vantage, answer_kind`;

const toldQuery = "SELECT vantage, answer_kind, count(*) FROM status WHERE here = 1 GROUP BY vantage, answer_kind";

interface IncarnationRow {
  id: bigint;
  name: string;
  incarnation: string;
  service: string | null;
  upstream: string | null;
  redaction: string | null;
  process: string;
  started_ns: bigint;
  alive_ns: bigint;
  stopped_ns: bigint | null;
}

function readTallies(db: Database): SegmentFigures["tallies"] {
  const codes = { cut: bodyKinds.indexOf("cut"), aborted: requestEnds.indexOf("aborted") };
  const rows = db.prepare<[typeof codes], [number, number, number, number, number]>(tallyQuery).raw().all(codes);
  return rows.map(([vantage, answer, exchanges, truncated, bodyBytes]) => ({
    vantage: wordOf(vantages, vantage),
    answer: wordOf(answerKinds, answer),
    exchanges,
    truncated,
    bodyBytes,
  }));
}

/** Moves what an access log told of from the unknown answers to what it told. */
function readTold(db: Database): SegmentFigures["tallies"] {
  const rows = db.prepare<[], [number, number, number]>(toldQuery).raw().all();
  return rows.flatMap(([code, kind, exchanges]) => {
    const vantage = wordOf(vantages, code);
    return [
      { vantage, answer: "unknown" as const, exchanges: -exchanges, truncated: 0, bodyBytes: 0 },
      { vantage, answer: wordOf(answerKinds, kind), exchanges, truncated: 0, bodyBytes: 0 },
    ];
  });
}
