import assert from "node:assert/strict";
import { test } from "node:test";
import { renderGithub } from "../../report/index.js";
import { bookinfoRun } from "../support/bookinfo-run.js";
import { blockedSteps, divergence, lane, runSummary } from "../support/run-summary.js";

test("a pull request reads the verdict, the divergences in one table, and the details where it unfolds them", () => {
  const { summary, run } = bookinfoRun();
  const text = renderGithub(summary, run);
  assert.match(text, /^## ❌ tapeloop: diverged\n\n2 divergences are due to the version/);
  assert.match(text, /^### 3 divergences\n\n\| # \| route \|/m);
  const rows = text.split("\n").filter((line) => /^\| \d+ \| <code>/.test(line));
  assert.equal(rows.length, 3);
  assert.ok(
    rows[1]?.includes("| <code>status</code> 200 → 500 | <code>ratings</code> | interaction | 14 of 142 |"),
    rows[1],
  );
  assert.match(text, /```diff\n- 5\n\+ missing\n```/);
  assert.match(text, /```sh\ncurl -sSi http:\/\/127\.0\.0\.1:9081\/reviews\/0\n```/);
  assert.match(text, /```yaml\n- ignore: "body:\/reviews\/\*\/rating\/stars"/);
  assert.match(text, /^- 1 group of noise, not held against the run$/m);
  assert.match(text, /\| 500 \| 0 \| 0 \| 14 \|/, "statuses before and after");
  assert.equal(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length);
});

test("a run that passed is a few lines and two folded tables", () => {
  const text = renderGithub(runSummary({ notSent: {} }));
  assert.match(text, /^## ✅ tapeloop: passed\n/);
  assert.doesNotMatch(text, /###|^- /m);
  assert.equal(text.match(/<details>/g)?.length, 2);
});

test("what was not part of the run is said in a line each", () => {
  const text = renderGithub(
    runSummary({
      blocked: [blockedSteps(), blockedSteps({ count: 1 })],
      rules: [{ rule: "ignore", text: "x", hid: 7, unused: false }],
      stub: { service: "reviews", served: 4, inferred: 1, missed: 2, misses: [] },
      latencyInvalid: "sent late",
    }),
  );
  for (const line of [
    "- not sent: 1 truncated",
    "- blocked: 13 calls by 1 answer without a value they need",
    "- 2 calls the stub had no answer for",
    "- 1 rule hid 7 Differences, 0 never met",
  ])
    assert.ok(text.includes(`\n${line}\n`), line);
  assert.match(text, /\*\*latency not valid\*\*/);
});

test("a run of thousands of long groups fits a comment, with its tags in pairs", () => {
  const long = `${"<x>|`".repeat(300)}`;
  const divergences = Array.from({ length: 3000 }, (_, at) =>
    divergence({ number: at + 1, route: `GET /${at}${long}`, evidence: long, place: `body:/${long}` }),
  );
  const text = renderGithub(runSummary({ verdict: "diverged", divergences, warnings: [long, long] }));
  assert.ok(text.length < 65_536, `${text.length} characters`);
  assert.match(text, /and 2,980 more in the report/);
  assert.equal(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length);
});

test("nothing from traffic becomes markup, a link, a mention, a table cell or the end of a fence", () => {
  const hostile = "</code></details>| @everyone #1 [x](javascript:1) **b** `` ``` www.evil.example <script>\n\u202e";
  const text = renderGithub(
    runSummary({
      ...{ verdict: "diverged", run: hostile, reasons: [hostile], warnings: [hostile] },
      lanes: [lane({ name: hostile, target: hostile, statuses: { [hostile]: 1 } })],
      divergences: [
        divergence({
          ...{ hop: hostile, route: hostile, place: `body:/${hostile}`, evidence: hostile, kind: "changed-value" },
          examples: [{ exchangeId: 1, step: 0, expected: hostile, actual: "x" }],
        }),
      ],
    }),
  );
  const outside = text.replace(/^(`{3,})[a-z]+\n[\s\S]*?\n\1$/gm, "");
  assert.doesNotMatch(outside, /@everyone|<script>|\]\(javascript|\*\*b\*\*|www\.evil|#1 |\u202e/);
  assert.equal(outside.match(/<code>/g)?.length, outside.match(/<\/code>/g)?.length);
  assert.match(text, /^`{4,}diff$/m, "a fence longer than what stands in it");
  const row = outside.split("\n").find((line) => line.startsWith("| 1 |"));
  assert.equal(row?.split("|").length, 8, "six cells");
});
