import type { NotSentReason, RunSummary } from "../tape/index.js";

const reasonsInWords: Readonly<Record<NotSentReason, string>> = {
  truncated: "only part of the request is on the tape",
  aborted: "the client gave up before the request was whole",
  open: "the request was still coming",
  upgrade: "it became another protocol (WebSocket)",
  connect: "a tunnel",
  "unsafe-method": "it may write; --allow-writes sends it",
  redacted: "it holds a pseudonym and nothing replaces it",
  unsendable: "no HTTP client can write it as it was recorded",
  blocked: "a live answer lacked a value that it needs",
  interrupted: "the run ended first",
};

/** What was not sent, by reason, the most frequent first; `why` is empty for a reason that only a later version knows. */
export function notSentOf({ notSent }: Pick<RunSummary, "notSent">): { reason: string; why: string; count: number }[] {
  return Object.entries(notSent)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => ({ reason, why: reasonsInWords[reason as NotSentReason] ?? "", count }))
    .sort((one, other) => other.count - one.count);
}
