import type { Stub } from "../../replayer/index.js";
import type { StubSummary } from "../../tape/index.js";

/** Where to point a service so that what it calls is answered by its stub. */
export function stubText(service: string, { address, hosts }: Pick<Stub, "address" | "hosts">): string {
  const lines = hosts.map(({ authority, address: own }) => [authority, `http://${own}`]);
  lines.push(["any host", `http://${address}  by its Host, or as HTTP_PROXY`]);
  const width = Math.max(...lines.map(([name]) => name!.length));
  const shown = lines.map(([name, where]) => `  ${name!.padEnd(width)}  ${where}\n`).join("");
  const none = hosts.length === 0 ? `  ${service} called nothing on this tape: every call is missed\n` : "";
  return `stub: what ${service} calls is answered from the tape\n${none}${shown}`;
}

/** What it did. */
export function stubSummaryText({ served, inferred, missed, misses }: StubSummary): string {
  const lines = misses.map(
    ({ count, callee, route, why, example }) => `  ${count} × ${callee} ${route}: ${why}, such as ${example}\n`,
  );
  return `${served} calls answered from the tape, ${inferred} of them by likeness; ${missed} missed\n${lines.join("")}`;
}
