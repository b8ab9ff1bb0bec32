import { readdirSync, readFileSync } from "node:fs";

/** CPU time a process has used so far, in milliseconds: the thread that serves, and all others. */
export interface CpuTime {
  servingMs: number;
  othersMs: number;
}

/** Linux counts in hundredths of a second here. */
const tickMs = 10;

/**
 * Unlike a rate, this hardly depends on what else the machine does. Undefined where there is no /proc.
 *
 * @param serving name of the thread that serves, when it is not the first
 */
export function cpuTimeOf(pid: number, serving?: string): CpuTime | undefined {
  try {
    const time: CpuTime = { servingMs: 0, othersMs: 0 };
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
      const name = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      const usedMs = (Number(fields[11]) + Number(fields[12])) * tickMs;
      const serves = serving === undefined ? thread === String(pid) : name === serving;
      if (serves) time.servingMs += usedMs;
      else time.othersMs += usedMs;
    }
    return time;
  } catch {
    return undefined;
  }
}
