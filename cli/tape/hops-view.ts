import { inDuration } from "../../base/index.js";
import { type HopEdge, HopGraph, readTrees, type TapeReader } from "../../tape/index.js";

/** The graph of a tape's services. */
export async function readHops(tape: TapeReader): Promise<HopEdge[]> {
  const graph = new HopGraph();
  for await (const tree of readTrees(tape)) graph.add(tree);
  return graph.edges();
}

const outside = "(outside)";

/** `tape stats --hops` for people: a line for each caller and callee. */
export function hopsText(edges: readonly HopEdge[]): string {
  if (edges.length === 0) return "no calls\n";
  const head = ["caller → callee", "calls", "retries", "failed", "p50", "p99", "seen", "how sure"];
  const rows = [head, ...edges.map(rowOf)];
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 || at === head.length - 1 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function rowOf(edge: HopEdge): string[] {
  const total = edge.calls + edge.retries;
  const seen = total - edge.unknown;
  return [
    `${edge.caller ?? outside} → ${edge.callee}`,
    String(edge.calls),
    edge.retries === 0 ? "–" : String(edge.retries),
    seen === 0 ? "?" : `${shareOf(edge.failed, seen)}`,
    edge.durationMs === undefined ? "?" : inDuration(edge.durationMs.p50),
    edge.durationMs === undefined ? "?" : inDuration(edge.durationMs.p99),
    String(edge.exchanges),
    sureness(edge),
  ];
}

function sureness({ joins, doubtful }: HopEdge): string {
  const some = Object.entries(joins).filter(([, count]) => count > 0);
  const parts = some.map(([kind, count]) => (some.length === 1 ? kind : `${kind} ${count}`));
  return doubtful === 0 ? parts.join(", ") : `${parts.join(", ")} (${doubtful} ≈)`;
}

function shareOf(count: number, of: number): string {
  const percent = (count / of) * 100;
  return `${percent > 0 && percent < 0.1 ? "<0.1" : percent.toFixed(percent === 0 || percent === 100 ? 0 : 1)} %`;
}

/** `tape stats --hops --json`. */
export function hopsJson(edges: readonly HopEdge[]): unknown {
  return edges.map((edge) => {
    const seen = edge.calls + edge.retries - edge.unknown;
    return { ...edge, failedShare: seen === 0 ? undefined : edge.failed / seen };
  });
}
