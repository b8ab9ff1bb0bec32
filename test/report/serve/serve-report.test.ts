import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { serveReport } from "../../../report/index.js";
import { openRun, type RunReader, type RunSummary } from "../../../tape/index.js";
import { bookinfoRun, memoryRun, outcome, response, stepRecord } from "../../support/bookinfo-run.js";
import { startBrowser } from "../../support/browser.js";
import { writeLargeRun } from "../../support/large-run.js";
import { divergence, runSummary } from "../../support/run-summary.js";
import { tempFolder } from "../../support/temp.js";

const here = { host: "127.0.0.1", port: 0 };

async function served(t: TestContext, summary: RunSummary, run: RunReader): Promise<string> {
  const { url, close } = await serveReport(summary, run, here);
  t.after(close);
  return url;
}

async function servedLarge(t: TestContext): Promise<{ url: string; summary: RunSummary }> {
  const path = join(tempFolder(t), "run.db");
  const summary = await writeLargeRun(path, { steps: 700, groups: 60, faults: true });
  const run = openRun(path);
  t.after(() => run.close());
  return { url: await served(t, summary, run), summary };
}

/** An answer to a request that says another Host, which `fetch` does not let one do. */
function asked(url: string, host: string, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers: { host } }, (answer) => resolve(answer.resume().statusCode!))
      .on("error", reject)
      .end();
  });
}

test("the report, the list of all divergent exchanges and each exchange are there to be read in a browser", async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const { url } = await servedLarge(t);
  const front = await browser.open(url);
  assert.equal(await front.evaluate("document.querySelectorAll('.group').length"), 60);
  const link = await front.evaluate<string>("document.querySelector('#d2 .body a[href*=exchanges]').href");
  assert.equal(link, `${url}exchanges?group=2`);
  const list = await browser.open(link);
  assert.match(await list.evaluate("document.querySelector('h1').innerText"), /Exchanges that differ\s+12 of 700/);
  assert.match(
    await list.evaluate("document.querySelector('tbody').innerText"),
    /^2\s+GET \/reviews\/v1\/.*status 200 → 500/s,
  );
  // What is not in view is there, too.
  const exchange = await browser.open(await list.evaluate<string>("document.querySelector('tbody a').href"), {
    height: 120,
  });
  const text = await exchange.evaluate<string>("document.body.innerText");
  for (const part of ["Exchange 2", "in group 2", "HTTP 200", "HTTP 500", "not called", "curl -sSi"])
    assert.ok(text.includes(part), part);
  for (const { complaints, requests } of [front, list, exchange]) {
    assert.deepEqual(complaints, []);
    assert.equal(requests.length, 1, "nothing beside the page is fetched");
  }
});

test("the list is narrowed by its form, a page at a time, on a telephone too", async (t) => {
  const browser = await startBrowser(t);
  if (!browser) return;
  const { url } = await servedLarge(t);
  const list = await browser.open(`${url}exchanges`, { width: 360 });
  assert.ok((await list.evaluate<number>("document.documentElement.scrollWidth")) <= 360);
  assert.match(await list.evaluate("document.querySelector('.pager').innerText"), /page 1 of 14/);
  await list
    .evaluate(`new Promise((done) => {
    document.querySelector('[name=group]').value = '5';
    addEventListener('pagehide', done);
    document.querySelector('.narrow button').click();
  }).catch(() => {})`)
    .catch(() => undefined);
  assert.equal((await fetch(`${url}exchanges?group=5&route=&severity=`)).status, 200);
  assert.deepEqual(list.complaints, [], "the policy lets the form ask its own origin");
});

test("every answer forbids what a page has no need of, and only reading is possible", async (t) => {
  const { summary, run } = bookinfoRun();
  const url = await served(t, summary, run);
  for (const path of ["", "exchanges", "exchanges/3", "nothing", "exchanges?page=0"]) {
    const { headers } = await fetch(url + path);
    const policy = headers.get("content-security-policy")!;
    assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; /, path);
    assert.match(policy, /form-action 'self'; frame-ancestors 'none'$/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  const statuses = await Promise.all(
    [
      "exchanges/3",
      "exchanges/999",
      "exchanges/3x",
      "nothing",
      "exchanges?page=0",
      "exchanges?group=x",
      "exchanges?severity=all",
    ].map(async (path) => (await fetch(url + path)).status),
  );
  assert.deepEqual(statuses, [200, 404, 404, 404, 400, 400, 400]);
  assert.equal((await fetch(url, { method: "POST", body: "x" })).status, 405);
  const head = await fetch(url, { method: "HEAD" });
  assert.equal(await head.text(), "");
});

test("a page of another name that was pointed at this machine reads nothing", async (t) => {
  const { summary, run } = bookinfoRun();
  const url = await served(t, summary, run);
  const { port } = new URL(url);
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "localhost.evil.example"])
    assert.equal(await asked(url, host), 400, host);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "LOCALHOST", `[::1]:${port}`])
    assert.equal(await asked(url, host), 200, host);
});

test("it is served on this machine alone, and a port that is taken is one line", async (t) => {
  const { summary, run } = bookinfoRun();
  for (const host of ["0.0.0.0", "::", "192.168.1.1", "example.org", "127.0.0.1.example.org"])
    await assert.rejects(
      serveReport(summary, run, { host, port: 0 }),
      (thrown) => thrown instanceof OperatorError && /on this machine alone/.test(thrown.message),
      host,
    );
  const taken = Number(new URL(await served(t, summary, run)).port);
  await assert.rejects(
    serveReport(summary, run, { host: "127.0.0.1", port: taken }),
    (thrown) => thrown instanceof OperatorError && /EADDRINUSE.*name another port$/.test(thrown.message),
  );
});

test("what came from traffic is text in the list and on the page of an exchange", async (t) => {
  const hostile = `</code></script><img src=x onerror="window.owned = 1">'"\u202e`;
  const steps = [stepRecord({ step: 0, callee: hostile, route: hostile, path: `/${hostile}`, method: hostile })];
  const found = { kind: "changed-text", place: "body", severity: "medium", expected: hostile, actual: "x" } as const;
  const run: RunReader = {
    ...memoryRun(steps, [
      outcome(0, "recorded", response(hostile, 200, [["content-type", "text/html"]])),
      outcome(0, "candidate", response(`${hostile}!`, 200, [["content-type", "text/html"]])),
    ]),
    differences: () => [{ step: 0, hop: hostile, difference: found }],
    differencesOf: () => [{ ...found, hop: hostile }],
    pairedHops: () => ({
      ...{ step: 0, lane: hostile, reference: hostile },
      calls: [
        {
          depth: 1,
          callee: hostile,
          route: hostile,
          differs: true,
          expected: { method: hostile, path: hostile, status: hostile },
        },
      ],
    }),
  };
  const summary = runSummary({
    divergences: [divergence({ hop: hostile, route: hostile, place: "body", kind: "changed-text" })],
  });
  const url = await served(t, summary, run);
  for (const path of ["exchanges", "exchanges/0", `exchanges?route=${encodeURIComponent(hostile)}`]) {
    const text = await (await fetch(url + path)).text();
    assert.doesNotMatch(text, /<img|onerror="|\u202e/, path);
    assert.ok(text.includes("&lt;img src=x onerror=&quot;"), path);
  }
});
