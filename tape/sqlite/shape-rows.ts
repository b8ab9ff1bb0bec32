import type { Database } from "better-sqlite3";
import type { Shape } from "./block/shape.js";

/** The columns of table `shape` after its id, with the fields of a Shape that they hold. */
const columns: readonly (readonly [column: string, field: keyof Shape])[] = [
  ["vantage", "vantage"],
  ["protocol", "protocol"],
  ["request_end", "requestEnd"],
  ["request_body_kind", "requestBodyKind"],
  ["answer_kind", "answerKind"],
  ["answer_status", "answerStatus"],
  ["answer_end", "answerEnd"],
  ["answer_body_kind", "answerBodyKind"],
  ["method", "method"],
  ["scheme", "scheme"],
  ["authority", "authority"],
  ["callee", "callee"],
  ["caller", "caller"],
  ["path_start", "pathStart"],
];

/** All shapes of a segment, by their number. */
export function readShapes(db: Database, after = 0): Map<number, Shape> {
  const fields = columns.map(([column, field]) => `${column} AS ${field}`).join(", ");
  const rows = db.prepare<[number], Shape & { id: number }>(`SELECT id, ${fields} FROM shape WHERE id > ?`).all(after);
  return new Map(rows.map(({ id, ...shape }) => [id, shape]));
}

/** A function that stores a shape and gives its number. */
export function prepareShapeInsert(db: Database): (shape: Shape) => number {
  const insert = db.prepare<(number | string | null)[]>(
    `INSERT INTO shape (${columns.map(([column]) => column).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
  );
  return (shape) => Number(insert.run(...columns.map(([, field]) => shape[field])).lastInsertRowid);
}
