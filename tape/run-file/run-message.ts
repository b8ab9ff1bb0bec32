import { type Body, bodyBytes, type HeaderList } from "../../message/index.js";
import { answerEnds, answerKinds, bodyKinds, failureReasons } from "../codes.js";
import type { Answer } from "../exchange.js";
import type { Difference, Outcome, PairedHops, SentRequest } from "../run.js";

/** An Outcome with its Answer. */
export interface FullOutcome extends Outcome {
  answer: Answer;
}

/** One thing that a run file is given and keeps as a row. */
export type RunRecord =
  | { kind: "outcome"; outcome: FullOutcome }
  | { kind: "request"; request: SentRequest }
  | { kind: "differences"; step: number; hop: string; found: readonly Difference[]; route?: string | undefined }
  | { kind: "paired-hops"; tree: PairedHops };

type Column = number | string | null;

/** A row of table `outcome`: the columns before `body`, then what the last three are made from. */
export interface OutcomeColumns {
  /** `step` to `body_hash`. */
  plain: readonly Column[];
  body: Uint8Array | undefined;
  /** Flat: name, value, name, value …; undefined where the Answer is no response. Equal lists are one object. */
  headers: readonly string[] | undefined;
  trailers: readonly string[] | undefined;
}

/** A row of table `request`: the columns before `body`, then what the last two are made from. */
export interface RequestColumns {
  /** `step` to `body_hash`. */
  plain: readonly Column[];
  body: Uint8Array | undefined;
  headers: readonly string[];
}

/** One row for the run file. */
export type RunRow =
  | { table: "outcome"; columns: OutcomeColumns }
  | { table: "request"; columns: RequestColumns }
  | { table: "difference"; columns: readonly [step: number, hop: string, difference: string] }
  | { table: "paired_hops"; columns: readonly [step: number, lane: string, tree: string] };

/** Many records, in their order, as they cross to the writing thread: text that is read there, and all bodies, handed over. */
export interface PackedRecords {
  rows: string;
  bodies: ArrayBuffer;
}

/** What stands in `PackedRecords.rows`. */
interface PackedRows {
  /** Every distinct list of header fields, its parts joined with NUL. */
  lists: string[];
  /** Columns of an outcome or a request with the length of its body and the places of its lists; of a difference or a tree. */
  rows: (["o" | "r", number | null, number | null, number | null, ...Column[]] | ["d" | "h", ...Column[]])[];
}

/**
 * Packs records as the rows they become. Cloned as objects they would cost several times as much, and each body would
 * bring the whole pooled buffer along that it is a piece of. Header lists are much alike, so each crosses once.
 */
export function packRecords(records: readonly RunRecord[]): PackedRecords {
  const pieces: Uint8Array[] = [];
  const lists = new Map<string, number>();
  const rows: PackedRows["rows"] = [];
  for (const record of records) pack(record, rows, pieces, lists);
  return { rows: JSON.stringify({ lists: [...lists.keys()], rows }), bodies: joined(pieces) };
}

/** The rows again; the bytes of bodies are views into what was handed over. */
export function unpackRows({ rows: text, bodies }: PackedRecords): RunRow[] {
  const { lists, rows } = JSON.parse(text) as PackedRows;
  const flat = lists.map((list) => (list === "" ? [] : list.split("\0")));
  let start = 0;
  const bodyOf = (bytes: number) => {
    start += bytes;
    return new Uint8Array(bodies, start - bytes, bytes);
  };
  return rows.map((row): RunRow => {
    if (row[0] === "h") return { table: "paired_hops", columns: row.slice(1) as [number, string, string] };
    if (row[0] === "d") return { table: "difference", columns: row.slice(1) as [number, string, string] };
    const [kind, bytes, headers, trailers] = row as ["o" | "r", number | null, number | null, number | null];
    const own = { plain: row.slice(4), body: bytes === null ? undefined : bodyOf(bytes) };
    const listAt = (place: number | null) => (place === null ? undefined : flat[place]!);
    if (kind === "r") return { table: "request", columns: { ...own, headers: listAt(headers) ?? [] } };
    return { table: "outcome", columns: { ...own, headers: listAt(headers), trailers: listAt(trailers) } };
  });
}

function pack(record: RunRecord, rows: PackedRows["rows"], pieces: Uint8Array[], lists: Map<string, number>): void {
  switch (record.kind) {
    case "outcome":
      rows.push(packedOutcome(record.outcome, pieces, lists));
      return;
    case "request":
      rows.push(packedRequest(record.request, pieces, lists));
      return;
    case "paired-hops":
      rows.push(["h", record.tree.step, record.tree.lane, JSON.stringify(record.tree)]);
      return;
    case "differences":
      for (const difference of record.found)
        rows.push(["d", record.step, record.hop, storedDifference(difference, record.route)]);
  }
}

/** The route of a hop below stands beside what was found there. */
function storedDifference(difference: Difference, route: string | undefined): string {
  return JSON.stringify(route === undefined ? difference : { ...difference, route });
}

function packedRequest(
  { step, headers, given, body }: SentRequest,
  pieces: Uint8Array[],
  lists: Map<string, number>,
): PackedRows["rows"][number] {
  const bytes = "bytes" in body ? body.bytes : undefined;
  if (bytes !== undefined) pieces.push(bytes);
  const place = placeOf(headers, lists);
  return ["r", bytes?.length ?? null, place, null, step, JSON.stringify(given), ...bodyColumns(body)];
}

const noBody: Body = { kind: "empty" };

function packedOutcome(
  { step, lane, answer, dueMs, sentMs, answeredMs }: FullOutcome,
  pieces: Uint8Array[],
  lists: Map<string, number>,
): PackedRows["rows"][number] {
  const response = answer.kind === "response" ? answer : undefined;
  const body = response?.body ?? noBody;
  const bytes = "bytes" in body ? body.bytes : undefined;
  if (bytes !== undefined) pieces.push(bytes);
  return [
    "o",
    bytes === undefined ? null : bytes.length,
    response ? placeOf(response.headers, lists) : null,
    response ? placeOf(response.trailers, lists) : null,
    step,
    lane,
    dueMs,
    sentMs,
    answeredMs,
    answerKinds.indexOf(answer.kind),
    "status" in answer ? answer.status : null,
    endCode(answer),
    answer.kind === "failure" ? answer.afterMs : null,
    ...bodyColumns(body),
  ];
}

function bodyColumns(body: Body): [kind: number, bytes: number, hash: string] {
  return [bodyKinds.indexOf(body.kind), bodyBytes(body), body.kind === "empty" ? "" : body.hash];
}

function placeOf(headers: HeaderList, lists: Map<string, number>): number {
  let text = "";
  for (const [name, value] of headers) text += text === "" ? `${name}\0${value}` : `\0${name}\0${value}`;
  let place = lists.get(text);
  if (place === undefined) {
    place = lists.size;
    lists.set(text, place);
  }
  return place;
}

function endCode(answer: Answer): number | null {
  if (answer.kind === "response") return answerEnds.indexOf(answer.end);
  return answer.kind === "failure" ? failureReasons.indexOf(answer.reason) : null;
}

function joined(pieces: readonly Uint8Array[]): ArrayBuffer {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return bytes.buffer;
}
