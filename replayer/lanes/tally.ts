import { defined, type MonotonicMs } from "../../base/index.js";
import type { Answer, Lane, LaneSummary } from "../../tape/index.js";
import { latencyRecorder } from "../latency.js";
import type { Sent } from "../send/index.js";

/** Counts one lane's answers. */
export interface LaneTally {
  add(sent: Sent, dueMs: MonotonicMs): void;
  summary(): LaneSummary;
}

/** Latencies are of Steps that got a response; a failure has none. */
export function openLaneTally({ name, role, target, version, faults, tls, repeat }: Lane): LaneTally {
  const statuses: Record<string, number> = {};
  const fromSent = latencyRecorder();
  const fromDue = latencyRecorder();
  let sentCount = 0;
  let answered = 0;
  return {
    add({ answer, sentMs, answeredMs }, dueMs) {
      const word = statusWord(answer) ?? "unknown";
      sentCount++;
      statuses[word] = (statuses[word] ?? 0) + 1;
      if (answer.kind !== "response") return;
      answered++;
      fromSent.add(answeredMs - sentMs);
      fromDue.add(answeredMs - dueMs);
    },
    summary: () => ({
      ...defined({ name, role, target, version, faults, tls, repeat }),
      sent: sentCount,
      answered,
      statuses,
      fromSent: fromSent.summary(),
      fromDue: fromDue.summary(),
    }),
  };
}

/** An Answer in one word: its status or its failure; undefined where it is not known. */
export function statusWord(answer: Answer): string | undefined {
  switch (answer.kind) {
    case "response":
    case "status-only":
      return String(answer.status);
    case "failure":
      return answer.reason;
    case "unknown":
      return undefined;
  }
}
