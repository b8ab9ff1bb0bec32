import { z } from "zod";
import { OperatorError } from "../../base/index.js";

/** One line of a log of chaos: a task is begun and, unless its command was killed, ended. */
const lineSchema = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("began"),
    task: z.int().positive(),
    /** "restart of reviews". */
    what: z.string(),
    namespace: z.string(),
    at: z.iso.datetime(),
  }),
  z.object({
    event: z.literal("ended"),
    task: z.int().positive(),
    at: z.iso.datetime(),
    /** How it went, as a phrase. */
    how: z.string(),
  }),
]);
export type ChaosLine = z.infer<typeof lineSchema>;

/** A task of a log, with its times. */
export interface ChaosTask {
  what: string;
  namespace: string;
  beganAt: string;
  /** Absent for one whose end nobody has written: its command was killed. */
  endedAt?: string;
}

/** Reads a log. Throws an OperatorError that names the first line that is none of it. */
export function parseChaosLog(text: string, file: string): ChaosTask[] {
  const tasks = new Map<number, ChaosTask>();
  for (const [at, written] of text.split("\n").entries()) {
    if (written.trim() === "") continue;
    const line = parsedLine(written);
    if (line === undefined) throw new OperatorError(`${file}, line ${at + 1}: is no line of a log of tapeloop chaos`);
    const { task } = line;
    if (line.event === "began") tasks.set(task, { what: line.what, namespace: line.namespace, beganAt: line.at });
    else if (tasks.has(task)) tasks.set(task, { ...tasks.get(task)!, endedAt: line.at });
    else throw new OperatorError(`${file}, line ${at + 1}: task ${task} ends without having begun`);
  }
  return [...tasks.values()];
}

function parsedLine(text: string): ChaosLine | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
