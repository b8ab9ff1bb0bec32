import { spawn } from "node:child_process";
import { freePort, untilListening } from "../support/ports.js";
import type { ServerProcess } from "../support/server-process.js";
import { envoyBinary, envoyFlags } from "./envoy-pass-through.js";

/** An Envoy with one worker in front of a service; undefined where there is no Envoy. */
export async function startEnvoy(upstream: number): Promise<ServerProcess | undefined> {
  const binary = envoyBinary();
  if (binary === undefined) return undefined;
  const port = await freePort();
  const child = spawn(binary, envoyFlags({ listen: port, upstream }), { stdio: ["ignore", "ignore", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  await untilListening(port);
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  return { port, pid: child.pid!, serving: "wrk:worker_0", stop };
}
