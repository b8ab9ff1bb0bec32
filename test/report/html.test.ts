import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { renderHtml } from "../../report/index.js";
import { openRun, type PairedHops, type RunReader, type RunSummary } from "../../tape/index.js";
import { bookinfoRun, memoryRun, outcome, response, stepRecord } from "../support/bookinfo-run.js";
import { type OpenOptions, type OpenPage, startBrowser } from "../support/browser.js";
import { type LargeRun, writeLargeRun } from "../support/large-run.js";
import { blockedSteps, divergence, lane, latencyOf, runSummary } from "../support/run-summary.js";
import { tempFolder } from "../support/temp.js";

const tenMegabytes = 10 * 1024 * 1024;
const noRun = memoryRun([], []);

/** Opens a report from disk as a person would, or skips the test. */
async function open(t: TestContext, page: string, options?: OpenOptions): Promise<OpenPage | undefined> {
  const browser = await startBrowser(t);
  const path = join(tempFolder(t), "report.html");
  writeFileSync(path, page);
  return browser?.open(pathToFileURL(path).href, options);
}

function assertQuiet(page: OpenPage): void {
  assert.deepEqual(page.complaints, []);
  assert.equal(page.requests.length, 1);
  assert.match(page.requests[0]!, /^file:.*report\.html$/);
}

/** A run of many groups, each with three examples whose answers are at hand. */
function manyGroups(groups: number): { summary: RunSummary; run: RunReader } {
  const body = (stars?: number) => ({
    id: "0",
    reviews: Array.from({ length: 12 }, (_, at) => ({
      reviewer: `Reviewer${at}`,
      text: "An entertaining play",
      stars,
    })),
  });
  const steps = [0, 1, 2].map((step) => stepRecord({ step, exchangeId: step + 1 }));
  const outcomes = steps.flatMap(({ step }) => [
    outcome(step, "recorded", response(body(5))),
    outcome(step, "candidate", response(body())),
  ]);
  const examples = steps.map(({ step, exchangeId }) => ({ step, exchangeId, expected: "5", actual: "(none)" }));
  const divergences = Array.from({ length: groups }, (_, at) =>
    divergence({ number: at + 1, route: `GET /route${at}/{id}`, place: "body:/reviews/*/stars", examples }),
  );
  return { summary: runSummary({ verdict: "diverged", divergences }), run: memoryRun(steps, outcomes) };
}

test("the page needs nothing beside it and its policy allows nothing else", () => {
  const { summary, run } = bookinfoRun();
  const page = renderHtml(summary, run);
  assert.match(page, /http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/);
  assert.doesNotMatch(page, /unsafe-inline|@import|url\(|<iframe|<object|<embed/);
  const addresses = [...page.matchAll(/\s(?:src|href|action)="([^"]*)"/g)].map(([, address]) => address!);
  assert.deepEqual(
    addresses.filter((address) => !/^(#[\w-]+|data:image\/svg\+xml,.*)$/.test(address)),
    [],
  );
  assert.doesNotMatch(page, /<[^>]*\s(?:style|on\w+)=/, "inline styles and listeners would be refused by the policy");
});

test("the verdict, its reason, the groups and both sides are there to be read", async (t) => {
  const { summary, run } = bookinfoRun();
  const page = await open(t, renderHtml(summary, run));
  if (!page) return;
  const shown = await page.evaluate<string>("document.body.innerText");
  for (const text of [
    "Diverged",
    "2 divergences are due to the version",
    "/reviews/*/rating/stars number → missing",
    "142 of 142",
    "status 200 → 500",
    "15,214",
    "it may write; --allow-writes sends it",
  ]) {
    assert.ok(shown.includes(text), text);
  }
  assert.equal(await page.evaluate("document.title"), "Diverged: run r-7f3a9c");
  assert.equal(shown.includes('"stars": 5'), false, "folded until asked for");
  assertQuiet(page);
});

test("a group opens by mouse and by keyboard and shows old beside new with the place marked", async (t) => {
  const { summary, run } = bookinfoRun();
  const page = await open(t, renderHtml(summary, run));
  if (!page) return;
  await page.evaluate("document.querySelector('#d1 > summary').click()");
  const marked = (side: string) =>
    `[...document.querySelectorAll('#d1 details[open] .${side} .at')].map((e) => e.textContent.trim())`;
  assert.deepEqual(await page.evaluate(marked("expected")), ['"stars": 5,', '"stars": 4,']);
  assert.deepEqual(await page.evaluate(marked("actual")), ["", ""]);
  assert.match(await page.evaluate("document.querySelector('#d1').innerText"), /productpage.*reviews.*begins here/s);

  await page.evaluate("document.querySelector('#d2 > summary').focus()");
  await page.press("Enter");
  assert.equal(await page.evaluate("document.querySelector('#d2').open"), true);
  assert.deepEqual(await page.evaluate(marked("actual").replaceAll("#d1", "#d2")), ["HTTP 500"]);
  assertQuiet(page);
});

test("the address of a group opens it, noise or not", async (t) => {
  const { summary, run } = bookinfoRun();
  const page = await open(t, renderHtml(summary, run));
  if (!page) return;
  assert.equal(await page.evaluate("document.querySelector('#d4').checkVisibility()"), false);
  await page.evaluate(
    "new Promise((done) => { addEventListener('hashchange', () => setTimeout(done)); location.hash = 'd4'; })",
  );
  assert.equal(
    await page.evaluate("document.querySelector('#d4').open && document.querySelector('#d4').checkVisibility()"),
    true,
  );
  await page.evaluate(
    "new Promise((done) => { addEventListener('hashchange', () => setTimeout(done)); location.hash = '%'; })",
  );
  assertQuiet(page);
});

test("a line to send the request again is copied, or selected where copying is refused", async (t) => {
  const { summary, run } = bookinfoRun();
  const page = await open(t, renderHtml(summary, run));
  if (!page) return;
  const said = await page.evaluate<string>(`new Promise((done) => {
    document.querySelector('#d1').open = true;
    const button = document.querySelector('#d1 [data-copy]');
    new MutationObserver(() => done(button.textContent)).observe(button, { childList: true });
    button.click();
  })`);
  assert.match(said, /^(Copied|Selected)$/);
  assert.match(await page.evaluate("document.querySelector('#d1 .curl code').textContent"), /^curl -sSi http:/);
  assertQuiet(page);
});

test("latency is drawn for every lane, from sent and from due", async (t) => {
  const { summary, run } = bookinfoRun();
  const page = await open(t, renderHtml(summary, run));
  if (!page) return;
  const visibleLanes = `[...document.querySelectorAll('#latency .lane')].filter((e) => e.checkVisibility())
    .map((e) => e.querySelector('b').textContent + ' ' + (e.querySelectorAll('rect').length > 10))`;
  assert.deepEqual(await page.evaluate(visibleLanes), ["recorded true", "baseline true", "candidate true"]);
  await page.evaluate("document.querySelector('label[for=from-due]').click()");
  assert.deepEqual(await page.evaluate(visibleLanes), ["baseline true", "candidate true"]);
  assertQuiet(page);
});

test("five hundred groups of three examples stay under ten megabytes, open, and answer to the filter", async (t) => {
  const { summary, run } = manyGroups(600);
  const text = renderHtml(summary, run);
  assert.ok(Buffer.byteLength(text) < tenMegabytes, `${Buffer.byteLength(text)} bytes`);
  const began = performance.now();
  const page = await open(t, text);
  if (!page) return;
  assert.equal(await page.evaluate("document.querySelectorAll('.group').length"), 500);
  assert.match(await page.evaluate("document.querySelector('#divergences').innerText"), /and 100 more in report\.json/);
  const openedMs = performance.now() - began;
  const filter = (words: string) =>
    page.evaluate<string>(`(() => {
    const box = document.getElementById('filter');
    box.value = ${JSON.stringify(words)};
    box.dispatchEvent(new Event('input'));
    return document.getElementById('filter-count').textContent;
  })()`);
  assert.equal(await filter("route42/ stars"), "1 of 500 groups");
  assert.equal(
    await page.evaluate("[...document.querySelectorAll('.group')].filter((e) => e.checkVisibility()).length"),
    1,
  );
  assert.equal(await filter("nothing of the kind"), "0 of 500 groups");
  assert.equal(await filter(""), "first 500 of 600 groups");
  const expandMs = await page.evaluate<number>(`(() => {
    const began = performance.now();
    document.getElementById('toggle-all').click();
    document.body.getBoundingClientRect();
    return performance.now() - began;
  })()`);
  t.diagnostic(
    `${Math.round(Buffer.byteLength(text) / 1024)} KiB, browser and page up in ${Math.round(openedMs)} ms, all expanded in ${Math.round(expandMs)} ms`,
  );
  assertQuiet(page);
});

test("a run of enormous values stays under ten megabytes, and says what is left out", () => {
  const huge = '<&"'.repeat(40_000);
  const steps = [0, 1, 2].map((step) => stepRecord({ step, path: `/${huge}` }));
  const outcomes = steps.flatMap(({ step }) => [
    outcome(step, "recorded", response(Array.from({ length: 3000 }, (_, at) => huge.slice(0, 150) + at))),
    outcome(step, "candidate", response(Array.from({ length: 3000 }, (_, at) => `${huge.slice(0, 150)}x${at}`))),
  ]);
  const examples = steps.map(({ step }) => ({ step, exchangeId: step, expected: huge, actual: huge }));
  const surfaced = Array.from({ length: 50 }, () => ({
    hop: huge,
    route: huge,
    place: huge,
    kind: "status" as const,
    count: 1,
  }));
  const divergences = Array.from({ length: 500 }, (_, at) =>
    divergence({
      number: at + 1,
      hop: "reviews",
      route: huge,
      place: `body:/${huge}`,
      evidence: huge,
      examples,
      surfaced,
    }),
  );
  const routes = Array.from({ length: 5000 }, (_, at) => ({ hop: huge, route: `${at} ${huge}`, compared: 1 }));
  const statuses = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`${at} ${huge}`, 1]));
  const summary = runSummary({
    verdict: "diverged",
    divergences,
    routes,
    lanes: [lane({ name: "candidate", target: huge, statuses })],
    warnings: Array.from({ length: 500 }, () => huge),
    reasons: [huge],
  });
  const page = renderHtml(summary, memoryRun(steps, outcomes));
  assert.ok(Buffer.byteLength(page) < tenMegabytes, `${Buffer.byteLength(page)} bytes`);
  assert.match(page, /and \d+ more in <code>report\.json<\/code>/);
});

test("what came from traffic is text on the page, never markup or script", async (t) => {
  const markup = `</script></style></pre><script>window.owned = 1</script><img src=x onerror="window.owned = 2">'"`;
  const hostile = `${markup}\u0000\u202e\ud800`;
  const shown = `${markup}\\u{0}\\u{202e}\\u{d800}`;
  const steps = [stepRecord({ step: 0, callee: hostile, route: hostile, path: `/${hostile}`, method: hostile })];
  const answer = (text: string) =>
    response(text, 200, [
      [hostile, hostile],
      ["content-type", "text/html"],
    ]);
  const summary = runSummary({
    run: hostile,
    tapeloop: hostile,
    startedAt: hostile,
    reasons: [hostile],
    warnings: [hostile],
    tape: { ...runSummary().tape, paths: [hostile] },
    settings: { order: hostile, pace: hostile, selection: hostile, baseline: false },
    lanes: [lane({ name: hostile, target: `javascript:${hostile}`, statuses: { [hostile]: 1 } })],
    routes: [{ hop: hostile, route: hostile, compared: 1 }],
    divergences: [
      divergence({
        hop: hostile,
        route: hostile,
        place: "body",
        kind: "changed-text",
        evidence: hostile,
        examples: [{ step: 0, exchangeId: 1, expected: hostile, actual: hostile }],
        surfaced: [{ hop: hostile, route: hostile, place: hostile, kind: "status", count: 1 }],
      }),
    ],
  });
  const run = memoryRun(steps, [outcome(0, "recorded", answer(markup)), outcome(0, hostile, answer(`${markup}!`))]);
  const page = await open(t, renderHtml(summary, run));
  if (!page) return;
  await page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })");
  assert.equal(await page.evaluate("typeof window.owned"), "undefined");
  assert.deepEqual(
    await page.evaluate("[document.scripts.length, document.images.length, document.styleSheets.length]"),
    [1, 0, 1],
  );
  assert.ok((await page.evaluate<string>("document.querySelector('.evidence').textContent")).startsWith(shown));
  assert.equal(await page.evaluate("document.querySelector('.side.actual .changed').textContent"), `${markup}!\n`);
  assertQuiet(page);
});

test("the page fits a telephone and a wide screen, light and dark", async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const { summary, run } = bookinfoRun();
  const faulty = lane({ name: "candidate+faults", version: "new", faults: "a-plan-of-faults-with-a-long-name.yaml" });
  const path = join(tempFolder(t), "report.html");
  writeFileSync(path, renderHtml({ ...summary, lanes: [...summary.lanes, faulty] }, run));
  const grounds = new Set<string>();
  for (const [width, scheme] of [
    [360, "light"],
    [768, "dark"],
    [1920, "light"],
  ] as const) {
    const page = await browser.open(pathToFileURL(path).href, { width, scheme });
    await page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })");
    assert.ok(
      (await page.evaluate<number>("document.documentElement.scrollWidth")) <= width,
      `no sideways scrolling at ${width}`,
    );
    grounds.add(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"));
    assertQuiet(page);
  }
  assert.equal(grounds.size, 2, "one ground for light, one for dark");
});

test("an inconclusive run without any answer is a page that says so", async (t) => {
  const none = latencyOf([]);
  const { recordedLatency, recordedStatuses, routes, ...rest } = runSummary();
  const lanes = [lane({ sent: 0, answered: 0, statuses: {}, fromSent: none, fromDue: none })];
  const summary: RunSummary = {
    ...rest,
    verdict: "inconclusive",
    reasons: ["nothing was sent"],
    sent: 0,
    answered: 0,
    compared: 0,
    live: 0,
    lanes,
    timeline: [],
  };
  const page = await open(t, renderHtml(summary, noRun));
  if (!page) return;
  const shown = await page.evaluate<string>("document.body.innerText");
  assert.match(shown, /Inconclusive\s+Nothing was sent\./);
  assert.match(shown, /Nothing was compared\./);
  assert.doesNotMatch(shown, /Routes/);
  assert.doesNotMatch(shown, /NaN|Infinity|undefined/);
  assertQuiet(page);
});

test("a group without answers in the run file shows its two values", () => {
  const summary = runSummary({ verdict: "diverged", divergences: [divergence()] });
  const page = renderHtml(summary, noRun);
  assert.match(page, /<h4>expected<\/h4><pre tabindex="0"><span class="changed at">5\n<\/span>/);
  assert.match(page, /<h4>actual<\/h4><pre tabindex="0"><span class="changed at">missing\n<\/span>/);
});

/** A large run as a replay would leave it, in a run file. */
async function largeRun(t: TestContext, size: LargeRun): Promise<{ summary: RunSummary; run: RunReader }> {
  const path = join(tempFolder(t), "run.db");
  const summary = await writeLargeRun(path, size);
  const run = openRun(path);
  t.after(() => run.close());
  return { summary, run };
}

test("a run file of thousands of divergent exchanges is a page that is read from its overview down", async (t) => {
  const { summary, run } = await largeRun(t, { steps: 4000, groups: 620 });
  const text = renderHtml(summary, run);
  assert.ok(Buffer.byteLength(text) < tenMegabytes, `${Buffer.byteLength(text)} bytes`);
  const page = await open(t, text);
  if (!page) return;
  const visible = "[...document.querySelectorAll('#divergences .group')].filter((e) => e.checkVisibility()).length";
  assert.equal(await page.evaluate(visible), 50, "the rest is asked for");
  assert.match(await page.evaluate("document.querySelector('.overview').innerText"), /version\s+282.*reviews.*81/s);
  await page.evaluate(
    "[...document.querySelectorAll('.overview tbody button')].find((e) => e.textContent === 'reviews').click()",
  );
  assert.match(await page.evaluate("document.getElementById('filter-count').textContent"), /^\d+ of 500 groups$/);
  assert.ok(
    await page.evaluate(
      "[...document.querySelectorAll('#divergences .group:not([hidden]) .hop')].every((e) => e.textContent === 'at reviews')",
    ),
  );
  await page.evaluate(
    "[...document.querySelectorAll('.overview tbody button')].find((e) => e.textContent === 'reviews').click()",
  );
  await page.evaluate("document.querySelector('#show-more button').click()");
  assert.equal(await page.evaluate(visible), 500);
  assert.match(
    await page.evaluate("document.querySelector('#divergences').innerText"),
    /and 64 more in report\.json; tapeloop report RUN --serve shows them all/,
  );
  assertQuiet(page);
});

test("a group far down is shown when its address is opened", async (t) => {
  const { summary, run } = manyGroups(200);
  const page = await open(t, renderHtml(summary, run));
  if (!page) return;
  await page.evaluate(
    "new Promise((done) => { addEventListener('hashchange', () => setTimeout(done)); location.hash = 'd180'; })",
  );
  assert.equal(
    await page.evaluate("document.querySelector('#d180').open && document.querySelector('#d180').checkVisibility()"),
    true,
  );
  assertQuiet(page);
});

test("the calls below an exchange stand recorded beside replayed, the one where it began marked", async (t) => {
  const { summary, run } = bookinfoRun();
  const hops: PairedHops = {
    ...{ step: 3, lane: "candidate", reference: "baseline" },
    calls: [
      {
        ...{ depth: 1, callee: "ratings", route: "GET /ratings/{id}", differs: true },
        ...{ expected: { method: "GET", path: "/ratings/0", status: "200", tookMs: 2 } },
        ...{ actual: { method: "GET", path: "/ratings/0", status: "500", tookMs: 1 } },
      },
      {
        ...{ depth: 2, callee: "store", route: "GET /store", differs: false },
        expected: { method: "GET", path: "/store", status: "200" },
      },
    ],
  };
  const page = await open(t, renderHtml(summary, { ...run, pairedHops: (step) => (step === 3 ? hops : undefined) }));
  if (!page) return;
  await page.evaluate("document.querySelector('#d2').open = true");
  const rows = await page.evaluate<string[]>(
    "[...document.querySelectorAll('#d2 .trees .row')].map((e) => [...e.children].map((c) => c.innerText.replace(/\\s+/g, ' ').trim()).join(' | '))",
  );
  assert.deepEqual(rows, [
    "baseline | candidate",
    "ratings GET /ratings/0 200 11.4 ms | ratings GET /ratings/0 500 18.9 ms",
    "ratings GET /ratings/0 200 2.00 ms | ratings GET /ratings/0 500 1.00 ms begins here",
    "store GET /store 200 | not called",
  ]);
  assert.equal(await page.evaluate("document.querySelectorAll('#d1 .trees').length"), 0);
  assertQuiet(page);
});

test("all that a run may tell beside is told, and is not there where the run has none of it", async (t) => {
  const { summary, run } = bookinfoRun();
  const [first, ...others] = summary.divergences;
  const at = { hop: "details", route: "GET /details/{id}", place: "body:/isbn", kind: "missing-field" } as const;
  const whole: RunSummary = {
    ...summary,
    divergences: [
      {
        ...first!,
        ...{ blast: "propagated", firstHop: "ratings answered alike in both lanes" },
        lanes: [
          { lane: "candidate", reference: "baseline", count: 142, of: 142 },
          { lane: "candidate+faults", reference: "baseline+faults", count: 7, of: 142 },
        ],
      },
      { ...others[0]!, known: true },
      ...others.slice(1),
    ],
    lanes: [...summary.lanes, lane({ name: "candidate+faults", faults: "plan.yaml" })],
    noise: { control: "again", pairs: 142, noisyPlaces: 2, bound: 0.0211, resent: 4 },
    rules: [{ rule: "tolerate", text: "body:/took may differ by up to 5", hid: 0, unused: true }],
    known: [{ ...at, met: false }],
    expectedGone: [{ ...at, met: true }],
    blocked: [blockedSteps()],
    stub: {
      ...{ service: "reviews", served: 412, inferred: 9, missed: 2 },
      misses: [
        { callee: "ratings", route: "GET /ratings/{id}", why: "not on the tape", count: 2, example: "GET /ratings/7" },
      ],
    },
    latencyInvalid: "12 % of Steps were sent late",
    carried: { links: 3, carried: 71, provided: 1 },
    tape: { ...summary.tape, coverage: 0.9995 },
  };
  const page = await open(t, renderHtml(whole, run));
  if (!page) return;
  await page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })");
  const shown = (await page.evaluate<string>("document.body.innerText")).replace(/\s+/g, " ");
  const told = [
    "Ratings answered alike in both lanes.",
    "Propagated: the entry itself failed or changed its status.",
    "candidate+faults baseline+faults 7 of 142",
    "Known 1 known before the run; not held against it",
    "2 places ever differed; where none did, noise is rarer than 2.2%",
    "body:/took may differ by up to 5 never met",
    "1 of 1 are still there.",
    "not met",
    "POST /orders exchange 27",
    "2 had no answer on the tape",
    "not on the tape, e.g. GET /ratings/7",
    "Not valid: 12 % of Steps were sent late.",
    "3 links, 71 values of live answers, 1 provided",
    "99.9%",
    '- ignore: "body:/reviews/*/rating/stars"',
  ];
  for (const text of told) assert.ok(shown.includes(text), text);
  assert.equal(
    await page.evaluate("document.querySelectorAll('.histogram').length"),
    7,
    "four series from sent, three from due",
  );
  assertQuiet(page);
  const plain = renderHtml(runSummary(), noRun);
  assert.doesNotMatch(plain, /id="(blocked|stub|rules|expected|unmet|known|noise)"/);
});
