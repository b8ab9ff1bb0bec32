import type { ChaosDuring, ChaosSummary } from "../../tape/index.js";
import { countInWords, plural } from "../numbers.js";
import { visibleLine } from "../visible.js";

/** One thing that was done beside a run, by the wall clock. */
export type ChaosTimes = Pick<ChaosDuring, "what" | "beganAt" | "endedAt">;

/** `restart of reviews, 12:01:03-12:01:20`, times in UTC. */
export function taskInWords({ what, beganAt, endedAt }: ChaosTimes): string {
  return `${visibleLine(what)}, ${beganAt.slice(11, 19)}-${endedAt?.slice(11, 19) ?? ""}`;
}

/** What chaos did to a run, in a sentence. Where no Step was sent meanwhile nothing is said of it. */
export function chaosInWords({ tasks, onlyDuring }: ChaosSummary): string {
  const steps = tasks.reduce((sum, task) => sum + task.steps, 0);
  const head = `${plural(tasks.length, "task")}, ${plural(steps, "Step")} meanwhile`;
  if (steps === 0) return `${head}: nothing can be said of what they do`;
  return onlyDuring.length === 0
    ? `${head}: zero new divergences`
    : `${head}: ${plural(onlyDuring.length, "divergence")} met then alone (${onlyDuring.map((number) => `#${number}`).join(", ")})`;
}

/** A line for each task. */
export function chaosTaskLines({ tasks }: ChaosSummary): string[] {
  return tasks.map(
    (task) => `${taskInWords(task)}: ${plural(task.steps, "Step")}, ${countInWords(task.divergent)} divergent`,
  );
}

/** `all 3 during restart of reviews, 12:01:03-12:01:20`: how many of a divergence's Steps each task lasted for. */
export function sharesInWords(
  total: number,
  shares: readonly (readonly [task: ChaosTimes, count: number])[],
): string | undefined {
  if (shares.length === 0) return undefined;
  return shares
    .map(([task, count]) => {
      const all = count === 1 ? "" : `all ${countInWords(count)} `;
      const share = count === total ? all : `${countInWords(count)} of ${countInWords(total)} `;
      return `${share}during ${taskInWords(task)}`;
    })
    .join(", ");
}
