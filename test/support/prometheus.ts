import { writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Child, startChild } from "./child.js";
import { closedPort, listenOnLoopback } from "./loopback.js";
import { gotten } from "./real-parts.js";
import { tempFolder } from "./temp.js";
import { until } from "./until.js";

/** A real Prometheus that scrapes gauges of the test, four times a second. */
export interface Prometheus {
  url: string;
  child: Child;
  /** What is scraped from now on. */
  readonly gauges: Record<string, number>;
  /** Waits until a query gives this value. */
  untilReads(query: string, value: number): Promise<void>;
}

/** Path of a real one's binary, which has `promtool` beside it. */
export function prometheusBinary(t: TestContext): Promise<string | undefined> {
  return gotten(t, "Prometheus", "get-prometheus.mjs");
}

/** Starts one; where it cannot be had the test is skipped (or fails, with TAPELOOP_REQUIRE_ALL=1) and undefined is given. */
export async function startPrometheus(
  t: TestContext,
  gauges: Record<string, number> = {},
): Promise<Prometheus | undefined> {
  const binary = await prometheusBinary(t);
  if (binary === undefined) return undefined;
  const scraped = await listenOnLoopback(
    t,
    http.createServer((_request, response) => void response.end(exposed(gauges))),
  );
  const folder = tempFolder(t);
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(configFor(scraped)));
  const port = await closedPort();
  const url = `http://127.0.0.1:${port}`;
  const flags = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", `--web.listen-address=127.0.0.1:${port}`];
  const child = startChild(t, binary, flags, { cwd: folder });
  const early = child.ended.then(({ code, signal }): never => {
    throw new Error(`Prometheus ended (${signal ?? code}) before it was ready: ${child.stderr}`);
  });
  early.catch(() => {});
  const untilReads = async (query: string, value: number) => {
    await until(`${query} to read ${value}`, async () => (await readNow(url, query)) === value, {
      seen: () => readNow(url, query),
    });
  };
  await Promise.race([untilReads("up", 1), early]);
  return { url, child, gauges, untilReads };
}

/** JSON is YAML. */
function configFor(port: number): object {
  return {
    global: { scrape_interval: "250ms", scrape_timeout: "250ms" },
    scrape_configs: [{ job_name: "shop", static_configs: [{ targets: [`127.0.0.1:${port}`] }] }],
  };
}

function exposed(gauges: Record<string, number>): string {
  return Object.entries(gauges)
    .map(([name, value]) => `# TYPE ${name.replace(/\{.*/, "")} gauge\n${name} ${value}\n`)
    .join("");
}

async function readNow(url: string, query: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data?: { result?: { value: [number, string] }[] } };
    const value = data?.result?.[0]?.value[1];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined; // it does not listen yet
  }
}
