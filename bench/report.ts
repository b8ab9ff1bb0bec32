/**
 * The page of a run with many divergent exchanges: how large it is, what it takes to make it, and, where Chromium is, when
 * it shows its first screen, when it is complete, and the longest time it did not answer.
 *
 * `node dist/bench/report.js [folder]`: with a folder, screenshots of the pages go there (light, dark, narrow).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { renderHtml } from "../report/index.js";
import { openRun } from "../tape/index.js";
import { launchBrowser } from "../test/support/browser.js";
import { type LargeRun, writeLargeRun } from "../test/support/large-run.js";
import { machineText } from "./support/machine.js";

const shots = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), "tapeloop-report-"));
const sizes: readonly LargeRun[] = [
  { steps: 10, groups: 4 },
  { steps: 100_000, groups: 620 },
];

/** In milliseconds since the page was asked for. */
interface Shown {
  first: number;
  complete: number;
  /** The longest stretch in which the page would not have answered a click. */
  longest: number;
}

const shownExpression = `(async () => {
  const longest = [0];
  new PerformanceObserver((list) => longest.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask", buffered: true });
  const first = await new Promise((resolve) => {
    new PerformanceObserver((list) => {
      for (const one of list.getEntriesByName("first-contentful-paint")) resolve(one.startTime);
    }).observe({ type: "paint", buffered: true });
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const [page] = performance.getEntriesByType("navigation");
  return { first, complete: page.loadEventEnd, longest: Math.max(...longest) };
})()`;

async function makePage(size: LargeRun): Promise<string> {
  const runPath = join(folder, `${size.steps}.db`);
  const summary = await writeLargeRun(runPath, size);
  const run = openRun(runPath);
  const [beganMs, began] = [performance.now(), process.cpuUsage()];
  const page = renderHtml(summary, run);
  const { user, system } = process.cpuUsage(began);
  const tookMs = performance.now() - beganMs;
  run.close();
  const path = join(folder, `${size.steps}.html`);
  writeFileSync(path, page);
  const megabytes = (Buffer.byteLength(page) / 1e6).toFixed(2);
  console.log(
    `${size.steps} divergent exchanges in ${size.groups} groups: ${megabytes} MB, made in ${(tookMs / 1000).toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of CPU)`,
  );
  return path;
}

async function showPage(browser: NonNullable<ReturnType<typeof launchBrowser>>, path: string, name: string) {
  const url = pathToFileURL(path).href;
  for (const [look, options] of [
    ["light", { scheme: "light" }],
    ["dark", { scheme: "dark" }],
    ["narrow", { scheme: "dark", width: 420, height: 900 }],
  ] as const) {
    const page = await browser.open(url, options);
    const { first, complete, longest } = await page.evaluate<Shown>(shownExpression);
    console.log(
      `  ${look.padEnd(7)} first screen after ${first.toFixed(0)} ms, complete after ${complete.toFixed(0)} ms, longest without an answer ${longest.toFixed(0)} ms`,
    );
    if (page.complaints.length > 0) console.log(`  it complains: ${page.complaints.join("; ")}`);
    if (shots !== undefined)
      writeFileSync(join(shots, `${name}-${look}.png`), await page.screenshot({ wholePage: false }));
  }
}

const browser = launchBrowser();
try {
  console.log(`${machineText()}\n`);
  if (shots !== undefined) mkdirSync(shots, { recursive: true });
  if (browser === undefined) console.log("Chromium is not here: install it, or name it in TAPELOOP_CHROMIUM");
  for (const size of sizes) {
    const path = await makePage(size);
    if (browser !== undefined) await showPage(browser, path, String(size.steps));
  }
} finally {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
}
