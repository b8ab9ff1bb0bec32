import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { TestContext } from "node:test";

/** How a process ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process started by a test: what it printed so far, and ways to end it by its own id. */
export interface Child {
  readonly pid: number;
  readonly ended: Promise<Ending>;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with the first line on stdout; rejects when the process ends without one. */
  firstLine(): Promise<string>;
  /** Sends the signal (unless it has ended) and resolves with the ending. */
  end(signal: NodeJS.Signals): Promise<Ending>;
}

/** Starts a process that is killed at the latest when the test, or this process, ends. */
export function startChild(
  t: TestContext,
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Child {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.removeListener("exit", kill);
      resolve({ code, signal });
    });
  });
  ended.catch(() => {});
  t.after(async () => {
    kill();
    await ended;
  });
  return new StartedChild(child, ended);
}

class StartedChild implements Child {
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;

  constructor(child: ChildProcessByStdio<null, Readable, Readable>, ended: Promise<Ending>) {
    this.#child = child;
    this.ended = ended;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#child.spawnfile} did not start`);
    return this.#child.pid;
  }

  async firstLine(): Promise<string> {
    const line = () => (this.stdout.includes("\n") ? this.stdout.slice(0, this.stdout.indexOf("\n")) : undefined);
    const already = line();
    if (already !== undefined) return already;
    const came = new Promise<string>((resolve) => {
      this.#child.stdout.on("data", () => {
        const found = line();
        if (found !== undefined) resolve(found);
      });
    });
    const early = this.ended.then(({ code, signal }): never => {
      throw new Error(`${this.#child.spawnfile} ended (${signal ?? code}) before its first line: ${this.stderr}`);
    });
    return await Promise.race([came, early]);
  }

  async end(signal: NodeJS.Signals): Promise<Ending> {
    this.#child.kill(signal);
    return await this.ended;
  }
}
