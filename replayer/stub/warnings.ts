import type { StubSummary } from "../../tape/index.js";

/** What who reads a run must know of its stub. One sentence each. */
export function stubWarnings(stub: StubSummary | undefined): string[] {
  if (stub === undefined) return [];
  const warnings: string[] = [];
  if (stub.missed > 0) {
    const [first] = stub.misses;
    warnings.push(
      `stub: ${stub.missed} calls of ${stub.service} had no answer on the tape and got an error in its place, most of them ${first!.callee} ${first!.route} (${first!.why}): divergences may come of that`,
    );
  }
  if (stub.served + stub.missed === 0) {
    warnings.push(`stub: ${stub.service} never called it: point its downstream hosts there, else it calls live ones`);
  }
  return warnings;
}
