import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startChild } from "./child.js";
import { type EnvoySetup, envoyConfig } from "./envoy-config.js";
import { gotten } from "./real-parts.js";
import { tempFolder } from "./temp.js";
import { until } from "./until.js";

/** A running Envoy with one worker. */
export interface Envoy {
  readonly pid: number;
  /** Port of a listener by its name. */
  port(listener: string): number;
  /** A counter or gauge by its full name, as the admin page shows it (`cluster.recorder.upstream_rq_total`). Unknown names throw. */
  stat(name: string): Promise<number>;
  /** Waits until a counter or gauge has the value. */
  untilStat(name: string, wanted: number): Promise<void>;
}

/** Path of a real Envoy binary; undefined, and the test skipped, where it cannot be had. */
export function envoyBinary(t: TestContext): Promise<string | undefined> {
  return gotten(t, "Envoy", "get-envoy.mjs");
}

/**
 * Starts an Envoy of our own: ports chosen by the system, no hot restart (it would share memory with other Envoys of
 * this machine). Readiness is asked at the admin port that this very process wrote down, for another Envoy may answer on a
 * port one would guess.
 */
export async function startEnvoy(
  t: TestContext,
  binary: string,
  setup: EnvoySetup | { whole: object },
): Promise<Envoy> {
  const folder = tempFolder(t);
  const config = join(folder, "envoy.json");
  const adminFile = join(folder, "admin-address");
  writeFileSync(config, JSON.stringify("whole" in setup ? setup.whole : envoyConfig(setup), null, 1));
  const flags = ["--use-dynamic-base-id", "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"];
  const child = startChild(t, binary, ["-c", config, "--admin-address-path", adminFile, ...flags]);
  const early = child.ended.then(({ code, signal }): never => {
    throw new Error(`Envoy ended (${signal ?? code}) before it was ready: ${child.stderr}`);
  });
  early.catch(() => {});
  const admin = await Promise.race([until("Envoy to be ready", () => readyAdmin(adminFile)), early]);
  const ports = await listenerPorts(admin);
  return {
    pid: child.pid,
    port: (listener) => ports.get(listener) ?? fail(`no listener ${listener}`),
    stat: (name) => readStat(admin, name),
    untilStat: async (name, wanted) => {
      await until(`${name} = ${wanted}`, async () => (await readStat(admin, name)) === wanted, {
        seen: () => readStat(admin, name),
      });
    },
  };
}

/** Base URL of the admin page once it says ready. */
async function readyAdmin(adminFile: string): Promise<string | undefined> {
  try {
    const admin = `http://${readFileSync(adminFile, "utf8").trim()}`;
    const answer = await fetch(`${admin}/ready`);
    await answer.text();
    return answer.status === 200 ? admin : undefined;
  } catch {
    return undefined; // the file is not written yet, or nothing listens yet
  }
}

async function listenerPorts(admin: string): Promise<Map<string, number>> {
  const answer = await fetch(`${admin}/listeners?format=json`);
  const { listener_statuses: statuses } = (await answer.json()) as {
    listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
  };
  return new Map(statuses.map((status) => [status.name, status.local_address.socket_address.port_value]));
}

async function readStat(admin: string, name: string): Promise<number> {
  const exact = `^${name.replaceAll(".", "\\.")}$`;
  const answer = await fetch(`${admin}/stats?filter=${encodeURIComponent(exact)}`);
  const text = (await answer.text()).trim();
  const value = text.startsWith(`${name}: `) ? Number(text.slice(name.length + 2)) : Number.NaN;
  return Number.isNaN(value) ? fail(`Envoy has no stat ${name}: ${text}`) : value;
}

function fail(reason: string): never {
  throw new Error(reason);
}
