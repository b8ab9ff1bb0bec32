import { spawn } from "node:child_process";
import { once } from "node:events";
import { OperatorError } from "../../base/index.js";
import type { Io } from "../io.js";

/**
 * Runs the operator's command in a shell, with the name of the lane that comes next in `TAPELOOP_LANE`; what it prints
 * goes to stderr. Throws an OperatorError when it fails: what would be compared then stands on other states.
 */
export async function runReset(command: string, next: string, io: Io): Promise<void> {
  const child = spawn(command, {
    shell: true,
    cwd: io.folder,
    env: { ...io.env, TAPELOOP_LANE: next },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => io.stderr.write(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => io.stderr.write(text));
  const stop = () => child.kill();
  io.signal.addEventListener("abort", stop, { once: true });
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    if (code !== 0 && !io.signal.aborted) {
      throw new OperatorError(
        `--reset-command before lane "${next}": ${code === null ? `ended by ${signal}` : `exit code ${code}`}; the lanes would not start alike, so nothing more was sent`,
      );
    }
  } finally {
    io.signal.removeEventListener("abort", stop);
  }
}
