import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { z } from "zod";

/** The process that holds a journal entry, told apart from every other process that there is or was. */
export const holderSchema = z.strictObject({
  /** One boot of one machine, and one numbering of its processes (a container has its own): hashed. */
  system: z.string(),
  pid: z.int(),
  /** When it was started, in the system's ticks since boot: process ids are used again. */
  startedTicks: z.string(),
});
export type Holder = z.infer<typeof holderSchema>;

/** This process; undefined where the system does not tell (it has no `/proc`): then the lease alone says who is alive. */
export function thisHolder(): Holder | undefined {
  const system = thisSystem();
  const seen = seenInProc(process.pid);
  return system === undefined || seen === undefined
    ? undefined
    : { system, pid: process.pid, startedTicks: seen.startedTicks };
}

/** Whether a process is certainly over. Of another machine or container nothing is certain, so false. */
export function isOver(holder: Holder): boolean {
  if (holder.system !== thisSystem()) return false;
  const seen = seenInProc(holder.pid);
  return seen === undefined || seen.startedTicks !== holder.startedTicks || "ZX".includes(seen.state);
}

function thisSystem(): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const processes = readlinkSync("/proc/self/ns/pid");
    return createHash("sha256").update(`${boot} ${processes}`).digest("hex").slice(0, 16);
  } catch {
    return undefined;
  }
}

/** State and start of a process as `/proc/PID/stat` has them (proc(5), fields 3 and 22); undefined when there is none. */
function seenInProc(pid: number): { state: string; startedTicks: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, which may hold anything, brackets too.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0]!, startedTicks: fields[19]! };
  } catch {
    return undefined;
  }
}
