import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type ReadyProcess, startReadyProcess } from "../../lab/index.js";
import type { Io } from "../io.js";

const script = fileURLToPath(new URL("../main.js", import.meta.url));

/** Starts `tapeloop record …` and waits until it listens. */
export function startRecorder(name: string, args: readonly string[], io: Io): Promise<ReadyProcess> {
  sayCommand(["record", ...args], io);
  return startReadyProcess({ name, script, args: ["record", ...args], env: childEnv(io), folder: io.folder });
}

/** Runs `tapeloop …` to its end, its output passed on, and gives its exit code. An abort is passed on as SIGTERM. */
export async function runCommand(args: readonly string[], io: Io): Promise<number> {
  sayCommand(args, io);
  const through = io.stdout.isTTY ? "inherit" : "pipe";
  const options = { stdio: ["ignore", through, through] as const, env: childEnv(io), cwd: io.folder };
  const child = spawn(process.execPath, [script, ...args], { ...options, stdio: [...options.stdio] });
  child.stdout?.setEncoding("utf8").on("data", (text: string) => void io.stdout.write(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => void io.stderr.write(text));
  const stop = () => void child.kill("SIGTERM");
  io.signal.addEventListener("abort", stop, { once: true });
  const [code] = (await once(child, "close")) as [number | null];
  io.signal.removeEventListener("abort", stop);
  return code ?? 3;
}

function sayCommand(args: readonly string[], io: Io): void {
  io.stdout.write(`  $ tapeloop ${args.join(" ")}\n`);
}

// Settings of the operator's shell are for their own runs: here the flags alone count.
function childEnv(io: Io): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(io.env).filter(([name]) => !name.startsWith("TAPELOOP_")));
}
