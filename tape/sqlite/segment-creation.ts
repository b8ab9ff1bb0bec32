import { randomBytes } from "node:crypto";
import type { Database } from "better-sqlite3";
import type { RecorderDescription } from "../captured.js";
import { TapeError } from "../errors.js";
import type { RedactionKey } from "../redaction/index.js";
import { thisProcess } from "./process-id.js";
import { readMeta, segmentTables, writeMeta } from "./schema.js";

/** Which segment, and who writes it. */
export interface SegmentOptions {
  path: string;
  /** Its number, if it is new. */
  number: number;
  recorder: RecorderDescription;
  key: RedactionKey;
  nowNs: bigint;
}

/** Makes the tables of a new segment and says what it is. */
export function createSegment(db: Database, options: SegmentOptions): void {
  db.exec(segmentTables);
  writeMeta(db, "number", BigInt(options.number));
  writeMeta(db, "created_ns", options.nowNs);
  writeMeta(db, "key_id", options.key.id);
  writeMeta(db, "next_row", 1n);
  writeMeta(db, "identity", randomBytes(8).toString("hex"));
}

/** Refuses to append with another key than the segment's, for equal secrets would not be equal, and to what is sealed. */
export function refuseUnfit(db: Database, path: string, key: RedactionKey): void {
  const meta = readMeta(db);
  if (meta.keyId !== key.id) {
    throw new TapeError(
      `cannot write tape "${path}": it was recorded with redaction key ${meta.keyId}, this recorder has ${key.id}; give the same --redaction-key or another tape`,
    );
  }
  if (meta.sealedNs !== undefined) {
    throw new TapeError(`cannot write tape "${path}": it is a sealed segment; choose another file`);
  }
}

/** The row of this incarnation in the segment; made when it is not there. */
export function registerRecorder(db: Database, { recorder, nowNs }: SegmentOptions): number {
  const { origin } = recorder;
  db.prepare(
    `INSERT INTO recorder
       (name, incarnation, service, upstream, cluster, namespace, workload, version, node, process, redaction, started_ns, alive_ns)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (incarnation) DO NOTHING`,
  ).run(
    recorder.id.name,
    recorder.id.incarnation,
    recorder.service ?? null,
    recorder.upstream ?? null,
    origin.cluster ?? null,
    origin.namespace ?? null,
    origin.workload ?? null,
    origin.version ?? null,
    origin.node ?? null,
    thisProcess(),
    recorder.redaction === undefined ? null : JSON.stringify(recorder.redaction),
    nowNs,
    nowNs,
  );
  const find = db.prepare<[string], number>("SELECT id FROM recorder WHERE incarnation = ?").pluck();
  return find.get(recorder.id.incarnation)!;
}
