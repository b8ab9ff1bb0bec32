import type { TestContext } from "node:test";
import { type Ending, startChild } from "./child.js";
import { type Home, mainFile } from "./command-line.js";

/** A recorder running as a process of its own, as `tapeloop record`. */
export interface RecorderProcess {
  readonly pid: number;
  /** Port on 127.0.0.1 that takes the calls. */
  readonly port: number;
  /** `HOST:PORT` of its admin pages. */
  readonly admin: string;
  /** Port that takes Envoy's access log, with `--access-log`. */
  readonly accessLogPort?: number;
  readonly stderr: string;
  /** One sample of `/metrics` by its full name, labels included. A name it does not have throws. */
  metric(name: string): Promise<number>;
  /** `/metrics` as text. */
  metrics(): Promise<string>;
  /** SIGTERM: it drains and ends. */
  stop(): Promise<Ending>;
  /** SIGKILL: as when the machine takes it away. */
  kill(): Promise<Ending>;
}

/** Starts `tapeloop record` with these flags (ports free unless `--listen` is given) and waits until it says it is ready. */
export async function startRecorderProcess(
  t: TestContext,
  home: Home,
  flags: { tape: string; listenPort?: number; more?: readonly string[] },
): Promise<RecorderProcess> {
  const listen = `127.0.0.1:${flags.listenPort ?? 0}`;
  const words = ["record", "--listen", listen, "--admin", "127.0.0.1:0", "--tape", flags.tape, ...(flags.more ?? [])];
  const child = startChild(t, process.execPath, [mainFile, ...words], { env: home.env, cwd: home.folder });
  const ready = JSON.parse(await child.firstLine()) as Record<"listen" | "admin", string> & {
    accessLog?: string;
  };
  const metrics = async () => await (await fetch(`http://${ready.admin}/metrics`)).text();
  return {
    pid: child.pid,
    admin: ready.admin,
    port: portOf(ready.listen),
    ...(ready.accessLog !== undefined && { accessLogPort: portOf(ready.accessLog) }),
    get stderr() {
      return child.stderr;
    },
    metrics,
    metric: async (name) => sample(await metrics(), name),
    stop: () => child.end("SIGTERM"),
    kill: () => child.end("SIGKILL"),
  };
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

/** Prometheus text format: `name{labels} value`. */
function sample(text: string, name: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  if (line === undefined) throw new Error(`no metric ${name} in:\n${text}`);
  return Number(line.slice(name.length + 1));
}
