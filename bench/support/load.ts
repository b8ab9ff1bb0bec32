import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import autocannon, { type Client } from "autocannon";

const run = promisify(execFile);

/** What is sent, over and over: a GET, or a POST of bodies that all differ. */
export interface Load {
  path: string;
  headers: Record<string, string>;
  /** A JSON text; every `@` in it becomes the number of the call. */
  body?: string;
  /** Each connection rests so long between its calls: 0 for full speed. */
  restMs?: number;
  connections: number;
  seconds: number;
}

export interface LoadFigures {
  tool: "wrk" | "autocannon";
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that were no 2xx, and connections that failed. */
  errors: number;
}

/** Sends with wrk where it is installed (one thread), else with autocannon. */
export async function sendLoad(port: number, load: Load): Promise<LoadFigures> {
  return (await hasWrk()) ? await withWrk(port, load) : await withAutocannon(port, load);
}

let wrkIsThere: Promise<boolean> | undefined;

function hasWrk(): Promise<boolean> {
  wrkIsThere ??= run("wrk", ["-v"]).then(
    () => true,
    (failure: { code?: unknown }) => failure.code !== "ENOENT", // wrk -v ends with 1
  );
  return wrkIsThere;
}

async function withWrk(port: number, load: Load): Promise<LoadFigures> {
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
  try {
    const script = join(folder, "load.lua");
    writeFileSync(script, luaScript(load));
    const flags = ["-t1", `-c${load.connections}`, `-d${load.seconds}s`, "-s", script];
    const { stdout } = await run("wrk", [...flags, `http://127.0.0.1:${port}${load.path}`]);
    const said = JSON.parse(stdout.slice(stdout.lastIndexOf("\n{") + 1)) as Omit<LoadFigures, "tool">;
    return { tool: "wrk", ...said };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A body is cut at its `@`s, so that making one is a concatenation. */
function luaScript({ headers, body, path, restMs = 0 }: Load): string {
  const fields = Object.entries(headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`);
  const pieces = (body ?? "").split("@").map(lua).join(", ");
  const making = `local pieces = {${pieces}}
local count = 0
function request()
  count = count + 1
  return wrk.format("POST", ${lua(path)}, nil, table.concat(pieces, tostring(count)))
end`;
  const resting = `function delay() return ${restMs} end`;
  return `${fields.join("\n")}
${body === undefined ? "" : making}
${restMs === 0 ? "" : resting}
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"perSecond":%.1f,"p50Ms":%.3f,"p99Ms":%.3f,"errors":%d}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
`;
}

function lua(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`;
}

async function withAutocannon(port: number, load: Load): Promise<LoadFigures> {
  let call = 0;
  const setupClient = (client: Client) => {
    const next = () => client.setBody(load.body!.replaceAll("@", String(call++)));
    next();
    client.on("response", next);
  };
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${load.path}`,
    connections: load.connections,
    duration: load.seconds,
    headers: load.headers,
    ...(load.body === undefined ? {} : { method: "POST", setupClient }),
    ...(load.restMs ? { overallRate: Math.round((load.connections * 1000) / load.restMs) } : {}),
  });
  const { latency, requests, errors, non2xx } = result;
  return {
    tool: "autocannon",
    perSecond: requests.average,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    errors: errors + non2xx,
  };
}
