/**
 * An import of a generated file, in a process of its own as a user runs it: megabytes a second, CPU, and whether its memory
 * stays flat. Entries are 4 KB of JSON each way that all differ; a
 * tenth hold a secret.
 *
 * `node dist/bench/import.js [megabytes] [har|gor|har.gz|gor.gz …]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { orderBody, orderBodyWithSecrets } from "./recorder/json-body.js";
import { cpuTimeOf } from "./support/cpu-time.js";
import { machineText } from "./support/machine.js";

const megabytes = Number(process.argv[2] ?? 300);
const kinds = process.argv.length > 3 ? process.argv.slice(3) : ["har", "gor"];
const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
const mainFile = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const bodies = { plain: orderBody(), secret: orderBodyWithSecrets() };
const entriesPerWrite = 200;

/** Stand where the number of a call and its time are: as long as these, so that each write fills in new ones. */
const numberMark = "#".repeat(10);
const isoMark = "%".repeat(24);
const nsMark = "&".repeat(19);
const firstCall = 1_000_000_000;
const startMs = 1_772_000_000_000;

function bodyOf(call: number): string {
  return (call % 10 === 0 ? bodies.secret : bodies.plain).replaceAll("@", numberMark);
}

function harEntry(call: number): string {
  const text = bodyOf(call);
  const fields = (more: Record<string, string>) => Object.entries(more).map(([name, value]) => ({ name, value }));
  return JSON.stringify({
    startedDateTime: isoMark,
    time: 12.5,
    request: {
      method: "POST",
      url: `https://orders.example.com/orders/${numberMark}`,
      httpVersion: "http/2.0",
      headers: fields({ ":authority": "orders.example.com", "content-type": "application/json", accept: "*/*" }),
      queryString: [],
      cookies: [],
      headersSize: -1,
      bodySize: text.length,
      postData: { mimeType: "application/json", text },
    },
    response: {
      status: 201,
      statusText: "Created",
      httpVersion: "http/2.0",
      headers: fields({ "content-type": "application/json", location: `/orders/${numberMark}` }),
      cookies: [],
      content: { size: text.length, mimeType: "application/json", text },
      redirectURL: "",
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    timings: { blocked: 1, send: 0.5, wait: 10, receive: 1 },
  });
}

function gorRecords(call: number): string {
  const body = bodyOf(call);
  const id = numberMark.padStart(24, "0");
  const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const request = `1 ${id} ${nsMark} 400000\nPOST /orders/${numberMark} HTTP/1.1\r\nHost: orders.example.com\r\n${head}${body}`;
  return `${request}\n🐵🙈🙉\n2 ${id} ${nsMark} 900000\nHTTP/1.1 201 Created\r\n${head}${body}\n🐵🙈🙉\n`;
}

/** Calls as they are written together, and where in them which call's number and time stand. */
function templateOf(isHar: boolean): { bytes: Buffer; places: { call: number; mark: string; at: number }[] } {
  const texts = Array.from({ length: entriesPerWrite }, (_, call) => (isHar ? harEntry(call) : gorRecords(call)));
  const pieces = texts.map((text, at) => Buffer.from(isHar && at > 0 ? `,\n${text}` : text));
  const places = pieces.flatMap((piece, call) => {
    const offset = pieces.slice(0, call).reduce((sum, { length }) => sum + length, 0);
    return [numberMark, isoMark, nsMark].flatMap((mark) =>
      [...piece.toString("latin1").matchAll(new RegExp(mark, "g"))].map(({ index }) => ({
        call,
        mark,
        at: offset + index,
      })),
    );
  });
  return { bytes: Buffer.concat(pieces), places };
}

function filledIn(mark: string, call: number): string {
  if (mark === numberMark) return String(firstCall + call);
  const ms = startMs + call * 2;
  return mark === isoMark ? new Date(ms).toISOString() : `${ms}000000`;
}

/** Gives how many calls are in it. */
function generate(path: string, kind: string): number {
  const isHar = kind.startsWith("har");
  const file = openSync(path, "w");
  const write = (bytes: Buffer) => writeSync(file, kind.endsWith(".gz") ? gzipSync(bytes, { level: 1 }) : bytes);
  const { bytes, places } = templateOf(isHar);
  let calls = 0;
  let written = 0;
  if (isHar) write(Buffer.from('{"log":{"version":"1.2","creator":{"name":"bench","version":"1"},"entries":[\n'));
  while (written < megabytes * 1e6) {
    for (const { call, mark, at } of places) bytes.write(filledIn(mark, calls + call), at, "latin1");
    if (isHar && calls > 0) write(Buffer.from(",\n"));
    write(bytes);
    calls += entriesPerWrite;
    written += bytes.length;
  }
  if (isHar) write(Buffer.from("\n]}}\n"));
  closeSync(file);
  return calls;
}

function rssMib(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return found ? Number(found[1]) / 1024 : 0;
}

async function measure(kind: string): Promise<void> {
  const path = join(folder, `bench.${kind}`);
  const calls = generate(path, kind);
  const plainMegabytes = kind.endsWith(".gz") ? megabytes : statSync(path).size / 1e6;
  const startedMs = performance.now();
  const child = spawn(process.execPath, [mainFile, "tape", "import", path, "--tape", join(folder, kind), "--json"], {
    env: { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = once(child, "close");
  const samples: { rss: number; cpuMs: number }[] = [];
  const sampling = new AbortController();
  void ended.then(() => sampling.abort());
  while (!sampling.signal.aborted) {
    const cpu = cpuTimeOf(child.pid!);
    if (cpu) samples.push({ rss: rssOr(child.pid!, samples.at(-1)?.rss ?? 0), cpuMs: cpu.servingMs + cpu.othersMs });
    await delay(100, undefined, { signal: sampling.signal }).catch(() => {});
  }
  await ended;
  const seconds = (performance.now() - startedMs) / 1000;
  const { kept } = JSON.parse(said) as { kept: number };
  if (kept !== calls) throw new Error(`${kept} of ${calls} calls were kept`);
  report(kind, { plainMegabytes, seconds, samples, calls });
  rmSync(path);
  rmSync(join(folder, kind), { recursive: true, force: true });
}

function rssOr(pid: number, last: number): number {
  try {
    return rssMib(pid) || last;
  } catch {
    return last;
  }
}

interface Measured {
  plainMegabytes: number;
  seconds: number;
  samples: readonly { rss: number; cpuMs: number }[];
  calls: number;
}

function report(kind: string, { plainMegabytes, seconds, samples, calls }: Measured): void {
  const last = samples.at(-1)!;
  const at = (share: number) => Math.round(samples[Math.floor((samples.length - 1) * share)]!.rss);
  const most = Math.round(Math.max(...samples.map(({ rss }) => rss)));
  const cells = [
    kind,
    `${Math.round(plainMegabytes)} MB, ${calls} calls`,
    `${(plainMegabytes / seconds).toFixed(1)} MB/s`,
    `${(last.cpuMs / plainMegabytes).toFixed(1)} ms`,
    `${Math.round((last.cpuMs * 1000) / calls)} µs`,
    `${at(0.1)}, ${at(0.25)}, ${at(0.5)}, ${at(0.75)}, ${at(0.98)}; most ${most}`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

console.log(machineText());
console.log("| file | size | rate | CPU a MB | CPU a call | MiB of RSS at 10, 25, 50, 75, 98 % |");
console.log("|---|---|---|---|---|---|");
try {
  for (const kind of kinds) await measure(kind);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
