import { inDuration } from "../../base/index.js";
import { type Call, type Hop, type HopTree, type JoinKind, reasonInWords } from "../../tape/index.js";

/** Where a tree is drawn. */
export interface TreeView {
  /** Columns; infinite in a pipe. */
  width: number;
  color: boolean;
}

const marks: Readonly<Record<JoinKind, string>> = { entry: "▶", exact: "●", inferred: "◐", orphan: "○" };
const meanings: Readonly<Record<JoinKind, string>> = {
  entry: "from outside",
  exact: "surely made by the call above",
  inferred: "most likely made by it",
  orphan: "made by a call that cannot be told",
};
const colors: Readonly<Record<JoinKind, number>> = { entry: 36, exact: 32, inferred: 33, orphan: 31 };

/** What the marks mean, in one line, or two on a narrow terminal. */
export function legend(view: TreeView): string {
  const all = (Object.keys(marks) as JoinKind[]).map(
    (kind) => `${painted(marks[kind], colors[kind], view)} ${meanings[kind]}`,
  );
  const last = "≈ its sightings may be of several calls";
  const isWide = view.width >= 120;
  return isWide ? [...all, last].join("   ") : [...all, last].join("\n");
}

/** One tree for people. */
export function treeText(tree: HopTree, view: TreeView): string {
  const rows = tree.roots.flatMap((root) => rowsOf(root, { prefix: "", below: "" }));
  const endNs = Math.max(1, ...rows.map(({ hop }) => tree.startOf(hop) + (durationNs(hop.call) ?? 0)));
  const columns = columnsFor(rows, view);
  const lines = rows.flatMap((row) => lineOf(row, { tree, endNs, columns, view }));
  return `${[headline(tree, endNs, view), ...lines].join("\n")}\n`;
}

function headline(tree: HopTree, endNs: number, view: TreeView): string {
  const at = new Date(Number(tree.startedNs / 1_000_000n)).toISOString();
  const seen = tree.exchanges === tree.calls ? "" : `, seen ${tree.exchanges} times`;
  const name = nameOf(tree);
  const text = `${at}  ${counted(tree.calls, "call")}${seen}, ${inDuration(endNs / 1e6)}${name === undefined ? "" : `  ${name}`}`;
  return painted(cut(text, view.width), 1, view);
}

/** The first identifier in it. */
function nameOf({ roots }: HopTree): string | undefined {
  const { requestId, traceId } = roots[0]!.call.best.trace;
  if (traceId !== undefined) return `trace ${traceId}`;
  return requestId === undefined ? undefined : `request ${requestId}`;
}

interface Row {
  hop: Hop;
  /** The lines of the tree before the mark. */
  prefix: string;
  /** The same for what hangs below it. */
  below: string;
  parent?: Hop;
}

function rowsOf(hop: Hop, { prefix, below, parent }: Omit<Row, "hop">): Row[] {
  const row: Row = { hop, prefix, below, ...(parent && { parent }) };
  const inner = hop.children.flatMap((child, at) => {
    const isLast = at === hop.children.length - 1;
    const childBelow = `${below}${isLast ? "   " : "│  "}`;
    return rowsOf(child, { prefix: `${below}${isLast ? "└─ " : "├─ "}`, below: childBelow, parent: hop });
  });
  return [row, ...inner];
}

/** Widths; a part that has no room is 0. */
interface Columns {
  label: number;
  bar: number;
  sightings: boolean;
}

const timesWidth = "  200 reset  +1234 ms  1234 ms".length;
const barWidths = [20, 12];
const narrowestLabel = 16;
const narrowestSightings = 14;

/** The times always, then the label as far as there is room, then the bar, then what it was seen by. */
function columnsFor(rows: readonly Row[], { width }: TreeView): Columns {
  const wanted = Math.max(...rows.map((row) => labelOf(row).length));
  const label = Math.max(narrowestLabel, Math.min(wanted, width - timesWidth));
  const left = width - timesWidth - label;
  const bar = barWidths.find((one) => one + 2 <= left) ?? 0;
  return { label, bar, sightings: left - (bar === 0 ? 0 : bar + 2) >= narrowestSightings };
}

function labelOf({ hop, prefix, parent }: Row): string {
  const { best, attempt, certainty } = hop.call;
  const caller = callerOf(hop.call);
  const from = parent === undefined && caller !== undefined ? `${caller} → ` : "";
  const again = (attempt ?? 1) > 1 ? ` (try ${attempt})` : "";
  const doubt = certainty === "inferred" ? " ≈" : "";
  return clean(
    `${prefix}${marks[hop.join.kind]} ${from}${best.callee}  ${best.request.method} ${best.request.path}${again}${doubt}`,
  );
}

/** A piece of a line. */
interface Cell {
  text: string;
  color?: number;
}

function lineOf(
  row: Row,
  { tree, endNs, columns, view }: { tree: HopTree; endNs: number; columns: Columns; view: TreeView },
): string[] {
  const { hop } = row;
  const startNs = tree.startOf(hop);
  const tookNs = durationNs(hop.call);
  const color = colors[hop.join.kind];
  const label = cut(labelOf(row), columns.label).padEnd(columns.label);
  const markAt = row.prefix.length;
  const cells: Cell[] = [
    { text: label.slice(0, markAt) },
    { text: label.slice(markAt, markAt + 1), color },
    { text: label.slice(markAt + 1) },
    { text: `  ${statusOf(hop.call).padEnd(9)}`, ...(isFailed(hop.call) && { color: 31 }) },
    { text: `  ${`+${inDuration(startNs / 1e6)}`.padStart(9)}` },
    { text: `  ${(tookNs === undefined ? "?" : inDuration(tookNs / 1e6)).padStart(8)}` },
  ];
  if (columns.bar > 0) cells.push({ text: `  ${barOf(startNs, tookNs, endNs, columns.bar)}`, color });
  if (columns.sightings) cells.push({ text: `  ${sightingsOf(hop.call)}` });
  const line = lineFrom(cells, view);
  return isSelfEvident(hop)
    ? [line]
    : [line, painted(cut(`${row.below}  ${reasonInWords(hop.join)}`, view.width), 2, view)];
}

/** As wide as the terminal at most; colours take no room. */
function lineFrom(cells: readonly Cell[], view: TreeView): string {
  let left = view.width;
  let line = "";
  for (const { text, color = 0 } of cells) {
    const shown = text.slice(0, left);
    left -= shown.length;
    if (shown !== "") line += shown.trim() === "" ? shown : painted(shown, color, view);
  }
  return line.trimEnd();
}

/** An exact place needs no words, nor does an entry. */
function isSelfEvident({ join }: Hop): boolean {
  return join.kind === "exact" || join.kind === "entry";
}

function barOf(startNs: number, tookNs: number | undefined, endNs: number, width: number): string {
  const from = Math.min(width - 1, Math.max(0, Math.floor((startNs / endNs) * width)));
  const length = tookNs === undefined ? 1 : Math.max(1, Math.round((tookNs / endNs) * width));
  const bar = tookNs === undefined ? "▸" : "━".repeat(Math.min(length, width - from));
  return `${" ".repeat(from)}${bar}`.padEnd(width);
}

function sightingsOf({ best, sightings }: Call): string {
  const others = sightings.filter((head) => head !== best).map((head) => `#${head.id} ${placeOf(head)}`);
  return [`#${best.id} ${placeOf(best)}`, ...others].join(", ");
}

function placeOf({ vantage, hop }: Call["best"]): string {
  return hop === undefined ? vantage : `${vantage} ${clean(hop)}`;
}

function statusOf({ best: { answer } }: Call): string {
  switch (answer.kind) {
    case "response":
      return answer.end === "complete" ? String(answer.status) : `${answer.status} ${answer.end}`;
    case "status-only":
      return String(answer.status);
    case "failure":
      return answer.reason;
    case "unknown":
      return "–";
  }
}

function isFailed({ best: { answer } }: Call): boolean {
  return answer.kind === "failure" || (answer.kind !== "unknown" && answer.status >= 500);
}

function callerOf({ sightings }: Call): string | undefined {
  const outside = sightings.find(({ vantage }) => vantage === "outbound")?.caller;
  return outside ?? sightings.find(({ caller }) => caller !== undefined)?.caller;
}

/** As its best sighting saw it, else any that saw it end. */
function durationNs({ best, sightings }: Call): number | undefined {
  const seen = [best, ...sightings].find(({ answerEndedNs }) => answerEndedNs !== undefined);
  return seen && Number(seen.answerEndedNs! - seen.startedNs);
}

/** One tree as `--json` prints it. */
export function treeJson(tree: HopTree): unknown {
  return {
    startedNs: String(tree.startedNs),
    calls: tree.calls,
    exchanges: tree.exchanges,
    roots: tree.roots.map((root) => hopJson(root, tree)),
  };
}

function hopJson(hop: Hop, tree: HopTree): unknown {
  const { call, join } = hop;
  const { best } = call;
  const tookNs = durationNs(call);
  return {
    id: best.id,
    caller: callerOf(call),
    callee: best.callee,
    method: best.request.method,
    path: best.request.path,
    status: "status" in best.answer ? best.answer.status : undefined,
    answer: best.answer.kind,
    startMs: tree.startOf(hop) / 1e6,
    durationMs: tookNs === undefined ? undefined : tookNs / 1e6,
    join: { kind: join.kind, because: join.reason.kind, reason: reasonInWords(join) },
    attempt: call.attempt,
    sightings: call.sightings.map(({ id, vantage, hop: label, recorder }) => ({
      id,
      vantage,
      hop: label,
      recorder: recorder.name,
    })),
    sightingsCertainty: call.certainty,
    doubt: call.doubt,
    requestId: best.trace.requestId,
    traceId: best.trace.traceId,
    children: hop.children.map((child) => hopJson(child, tree)),
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A recorded path may hold anything: nothing of it commands a terminal. */
function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, "·");
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function painted(text: string, code: number, { color }: TreeView): string {
  return color && code !== 0 ? `\x1b[${code}m${text}\x1b[0m` : text;
}
