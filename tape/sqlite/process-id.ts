import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/**
 * This process as the tape names it: host, pid, and where the system tells it the time it was started, so that a pid
 * given to another process later is not taken for it.
 */
export function thisProcess(): string {
  return `${hostname()} ${process.pid} ${startOf(process.pid) ?? ""}`.trimEnd();
}

/** Whether a process so named still runs; undefined when it ran on another host. */
export function isRunning(name: string): boolean | undefined {
  const [host, pid, started] = name.split(" ");
  if (host !== hostname() || !Number.isInteger(Number(pid))) return undefined;
  return started === undefined ? answersSignal(Number(pid)) : startOf(Number(pid)) === started;
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot. Undefined without /proc or without such a process. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as { code?: unknown }).code === "EPERM";
  }
}
