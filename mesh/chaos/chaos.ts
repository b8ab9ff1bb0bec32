import { type Clock, OperatorError, reasonOf, toEpochNs } from "../../base/index.js";
import { requirePermit } from "../permits.js";
import { authPolicy } from "./auth-policy.js";
import type { ChaosEnv, ChaosKind, TaskChoice } from "./kind.js";
import type { ChaosLine } from "./log.js";
import { restart } from "./restart.js";
import { drawnOne, type ScheduleWish, scheduleOf } from "./schedule.js";

/** Every kind of chaos that must change nothing, by the word that a person types for it. */
const chaosKinds = { "auth-policy": authPolicy, restart } as const satisfies Record<string, ChaosKind>;
export type ChaosKindName = keyof typeof chaosKinds;

/** What is to be done to a namespace, and when. */
export interface ChaosWish extends ScheduleWish, TaskChoice {
  kind: ChaosKindName;
  /** To this one alone; to one drawn for each task without it. */
  service?: string;
}

/** How it went. */
export interface ChaosTally {
  tasks: number;
  /** Due, but others still ran until the time was up. */
  leftOut: number;
  interrupted: boolean;
}

/**
 * Does something that must change nothing for callers, again and again, one task after the other, each put back before the
 * next. A task that is due while another runs begins when that has ended.
 *
 * @param tell is told when a task begins and ends, before anything else is done
 */
export async function chaos(
  wish: ChaosWish,
  env: ChaosEnv & { clock: Clock },
  tell: (line: ChaosLine) => void,
): Promise<ChaosTally> {
  const { cluster, clock, signal } = env;
  const { namespace, service, seed } = wish;
  const kind: ChaosKind = chaosKinds[wish.kind];
  await requirePermit(cluster, namespace, "faults");
  const targets = (await kind.targets(cluster, namespace, service)).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (targets.length === 0) throw new OperatorError(`chaos: namespace ${namespace} has nothing to do that to`);
  const at = () => new Date(Number(toEpochNs(clock, clock.now()) / 1_000_000n)).toISOString();
  const tally: ChaosTally = { tasks: 0, leftOut: 0, interrupted: false };
  const beganMs = clock.now();
  for (const { number: task, dueMs } of scheduleOf(wish)) {
    await clock.sleepUntil(beganMs + dueMs, signal);
    if (signal.aborted) break;
    if (clock.now() >= beganMs + wish.forMs) {
      tally.leftOut++;
      continue;
    }
    const target = drawnOne(targets, seed, task)!;
    tell({ event: "began", task, what: kind.inWords(target), namespace, at: at() });
    const how = await kind.run(target, wish, env).catch((trouble: unknown) => {
      tell({ event: "ended", task, at: at(), how: `not done: ${reasonOf(trouble)}` });
      throw trouble;
    });
    tell({ event: "ended", task, at: at(), how: signal.aborted ? "cut short, and put back" : how });
    tally.tasks++;
  }
  await clock.sleepUntil(beganMs + wish.forMs, signal);
  return { ...tally, interrupted: signal.aborted };
}
