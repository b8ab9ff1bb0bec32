import { clipped, columnsOf, padEnd, padStart } from "./columns.js";

/** Rows under a header: the first column to the left, the others to the right, two spaces between, indented by two. */
export function tableLines(rows: readonly (readonly string[])[], maxFirstColumns = 24): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => columnsOf(row[column] ?? ""))));
  const first = Math.min(widths[0] ?? 0, maxFirstColumns);
  return rows.map(([label = "", ...cells]) => {
    const right = cells.map((cell, at) => padStart(cell, widths[at + 1] ?? 0));
    return `  ${[padEnd(clipped(label, first), first), ...right].join("  ")}`.trimEnd();
  });
}
