import type { Database } from "better-sqlite3";
import { answerKinds, bodyKinds, requestEnds, wordOf } from "../codes.js";
import { type RecorderId, vantages } from "../exchange.js";
import { type LedgerEntry, ledgerCounts, noCounts } from "../ledger.js";
import type { Incarnation } from "../ledger-sums.js";
import type { SegmentFigures } from "../tape-figures.js";
import { isRunning } from "./process-id.js";
import { columnOf } from "./schema.js";

/** Counts a segment. */
export function readFigures(db: Database): SegmentFigures {
  const [stored, bytesStored] = db
    .prepare<[], [number, number]>("SELECT count(*), coalesce(sum(length(bytes)), 0) FROM body")
    .raw()
    .get()!;
  const [firstNs, lastNs] = db.prepare<[], [bigint | null, bigint | null]>(boundsQuery).raw().safeIntegers(true).get()!;
  return {
    tallies: readTallies(db),
    exchangesBy: new Map(db.prepare<[], [string, number]>(byRecorderQuery).raw().all()),
    bodies: { stored, bytesStored },
    ...(firstNs === null ? {} : { firstNs }),
    ...(lastNs === null ? {} : { lastNs }),
  };
}

/** The incarnations that wrote to a segment. */
export function readIncarnations(db: Database): Incarnation[] {
  const rows = db.prepare<[], IncarnationRow>(incarnationQuery).safeIntegers(true).all();
  return rows.map(({ name, incarnation, service, upstream, process, started_ns, alive_ns, stopped_ns }) => ({
    id: { name, incarnation },
    ...(service === null ? {} : { service }),
    ...(upstream === null ? {} : { upstream }),
    startedNs: started_ns,
    aliveNs: alive_ns,
    ...(stopped_ns === null ? {} : { stoppedNs: stopped_ns }),
    dead: stopped_ns === null && isRunning(process) === false,
  }));
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

const boundsQuery = "SELECT (SELECT min(started_ns) FROM exchange), (SELECT max(started_ns) FROM exchange)";
const byRecorderQuery =
  "SELECT incarnation, count(*) FROM exchange JOIN recorder ON recorder.id = exchange.recorder GROUP BY exchange.recorder";
const incarnationQuery =
  "SELECT name, incarnation, service, upstream, process, started_ns, alive_ns, stopped_ns FROM recorder ORDER BY started_ns, id";

const tallyQuery = `
  SELECT vantage, answer_kind, count(*),
    sum(request_body_kind = :cut OR answer_body_kind = :cut OR request_end = :aborted),
    sum(request_body_bytes + answer_body_bytes)
  FROM exchange GROUP BY vantage, answer_kind`;

interface IncarnationRow {
  name: string;
  incarnation: string;
  service: string | null;
  upstream: string | null;
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
