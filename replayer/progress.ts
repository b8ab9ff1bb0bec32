import type { Clock } from "../base/index.js";
import type { Findings } from "./findings.js";
import type { Progress } from "./options.js";

const everyMs = 200;

/** Tells how far a run has come, at most five times a second, and whenever asked to with `now`. */
export interface ProgressTeller {
  tell(findings: Findings): void;
  now(findings: Findings): void;
}

export function openProgress(
  clock: Pick<Clock, "now">,
  planned: { readonly length: number },
  onProgress: ((progress: Progress) => void) | undefined,
): ProgressTeller {
  let nextMs = 0;
  const now = ({ sent, answered, divergent }: Findings) =>
    onProgress?.({ total: planned.length, sent, divergent, failed: sent - answered });
  return {
    now,
    tell(findings) {
      if (clock.now() < nextMs) return;
      nextMs = clock.now() + everyMs;
      now(findings);
    },
  };
}
