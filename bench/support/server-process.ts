import { type ChildProcess, spawn } from "node:child_process";

/** A server in a process of its own. */
export interface ServerProcess {
  port: number;
  admin?: string;
  pid: number;
  /** Name of the thread that serves, when it is not the first. */
  serving?: string;
  stop(): Promise<void>;
}

/** Starts it and waits for its first line: `{"ready":true,"listen":"HOST:PORT","admin":"HOST:PORT"}`. */
export async function startServer(command: string, args: readonly string[]): Promise<ServerProcess> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ready = JSON.parse(await firstLine(child)) as { listen: string; admin?: string };
  const port = Number(ready.listen.slice(ready.listen.lastIndexOf(":") + 1));
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    process.removeListener("exit", kill);
  };
  return { port, pid: child.pid!, stop, ...(ready.admin === undefined ? {} : { admin: ready.admin }) };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout!.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    child.once("exit", (code) => reject(new Error(`${child.spawnfile} ended with ${code} before it was ready`)));
  });
}
