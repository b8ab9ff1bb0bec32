import { batches } from "./cases/index.js";
import { runBatch } from "./run-batch.js";
import { type Judge, judgeBatch, judges } from "./score/judge-batch.js";
import type { CaseScore } from "./score/score.js";

/** Records, replays and judges every batch, or those of the names given, one after the other. */
export async function judgeAll(
  names: readonly string[] = [],
  tell: (name: string, tookMs: number) => void = () => {},
): Promise<Record<Judge, CaseScore[]>> {
  const all = Object.fromEntries(judges.map((judge) => [judge, []])) as unknown as Record<Judge, CaseScore[]>;
  for (const batch of batches) {
    const { name } = batch;
    if (names.length > 0 && !names.includes(name)) continue;
    const began = performance.now();
    const scores = judgeBatch(await runBatch(batch));
    for (const judge of judges) all[judge].push(...scores[judge]);
    tell(name, performance.now() - began);
  }
  return all;
}
