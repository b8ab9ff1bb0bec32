import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { environment, OperatorError } from "../base/index.js";

/** A program of ours to start: one that prints a JSON line with `"ready":true` when it is, and stops at SIGTERM. */
export interface ProgramSpec {
  /** What it is called in messages: `reviews`. */
  name: string;
  /** Path of the JavaScript file. */
  script: string;
  args: readonly string[];
  /** Default: this process's. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Where its relative paths begin; default: where this process's do. */
  folder?: string;
  /** Default 30 000. */
  readyWithinMs?: number;
}

/** A child process that has said that it is ready. */
export interface ReadyProcess {
  readonly name: string;
  readonly pid: number;
  /** Its ready line, parsed. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Resolves when it has ended, with how, in words: "exit code 0", "signal SIGKILL" and what it last wrote to stderr. */
  readonly ended: Promise<string>;
  /** SIGTERM, and SIGKILL when it has not ended in time. Resolves when it has ended; safe to call twice and after its death. */
  stop(): Promise<void>;
}

const stopWithinMs = 10_000;
const keptStderrChars = 2_000;

/**
 * Starts a program with this Node and waits for its ready line. Its stdin is a pipe, which ends when this process does.
 * Throws an OperatorError that names it and quotes its stderr when it ends before or says nothing in time.
 */
export async function startReadyProcess(spec: ProgramSpec): Promise<ReadyProcess> {
  const place = { env: spec.env ?? environment(), cwd: spec.folder };
  const child = spawn(process.execPath, [spec.script, ...spec.args], { ...place, stdio: ["pipe", "pipe", "pipe"] });
  // A write to a child that is gone must not end this process.
  child.stdin.on("error", () => {});
  const stderr = lastOf(child);
  const ended = once(child, "close").then(([code, signal]) => howItEnded(code, signal, stderr()));
  const stop = () => stopChild(child, ended);
  try {
    const ready = await readyLine(child, spec, ended);
    return { name: spec.name, pid: child.pid ?? 0, ready, ended, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function lastOf(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
    text = (text + piece).slice(-keptStderrChars);
  });
  return () => text.trim().replace(/\s*\n\s*/g, " | ");
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  const how = signal ? `signal ${signal}` : `exit code ${code}`;
  return stderr === "" ? how : `${how}: ${stderr}`;
}

async function readyLine(child: ChildProcess, spec: ProgramSpec, ended: Promise<string>) {
  const withinMs = spec.readyWithinMs ?? 30_000;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failed(spec, `said nothing within ${withinMs} ms`)), withinMs);
  });
  const gone = ended.then((how) => {
    throw failed(spec, `ended before it was ready: ${how}`);
  });
  try {
    return await Promise.race([firstReadyLine(child), tooLate, gone]);
  } finally {
    clearTimeout(timer);
    gone.catch(() => {});
  }
}

// Goes on reading after the ready line, so that what the program prints later never fills the pipe.
function firstReadyLine(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const value = parsed(line);
      if (value?.ready === true) resolve(value);
    });
  });
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function failed(spec: ProgramSpec, what: string): OperatorError {
  return new OperatorError(`cannot start ${spec.name} (${spec.script} ${spec.args.join(" ")}): it ${what}`, {
    exitCode: 3,
  });
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
  await ended;
  clearTimeout(insist);
}
