import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openTapeWriter } from "../../../tape/index.js";
import { batchOf, callPart, capturedRequest, capturedResponse, testRecorder } from "../../support/captured.js";
import { testKey } from "../../support/redaction.js";
import { run } from "../../support/service-tape.js";
import { tempFolder } from "../../support/temp.js";

/** Two orders, each read; a path holds a control character. */
async function orderTape(t: TestContext, vantage?: "mirror"): Promise<string> {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({ path, key: testKey, recorder: testRecorder("shop", { service: "shop" }) });
  const call = (n: number, requested: string, answered: string) =>
    callPart(n, {
      ...(vantage && { vantage }),
      request: capturedRequest({ path: requested, startedMs: n * 10, endedMs: n * 10 }),
      answer:
        vantage === undefined
          ? capturedResponse(answered, { startedMs: n * 10 + 1, endedMs: n * 10 + 1 })
          : { kind: "unknown" },
    });
  await writer.append(
    batchOf(
      call(1, "/orders", '{"id":1000001}'),
      call(2, "/orders", '{"id":1000002}'),
      call(3, "/orders/1000002", "{}"),
      call(4, "/orders/1000001?k\u001b[2J=1000002", "{}"),
    ),
  );
  await writer.close();
  return path;
}

test("links are listed by route and place, with their number, how sure, and examples; no place commands a terminal", async (t) => {
  const { exitCode, lines, stdout } = await run(["tape", "links", await orderTape(t)]);
  assert.equal(exitCode, 0);
  assert.deepEqual(lines.slice(0, 3), [
    "shop  GET /orders  body:/id",
    "  → shop  GET /orders/{id}  path/2",
    "    2 ×, likely; #2 → #3, #1 → #4",
  ]);
  assert.ok(lines.includes("  → shop  GET /orders/{id}  query:k·[2J"), stdout);
  assert.equal(lines.at(-1), "2 kinds of links, 3 values");
  assert.ok(!stdout.includes("\u001b"));
});

test("links are listed as JSON, as a rules file leaves them", async (t) => {
  const tape = await orderTape(t);
  const rules = join(tempFolder(t), "links.yaml");
  writeFileSync(rules, "links:\n  - {never: path/2}\n  - {never: query:nowhere}\n");
  const { stdout, stderr } = await run(["tape", "links", tape, "--json", "--links", rules]);
  assert.deepEqual(
    JSON.parse(stdout).links.map(({ to, count }: { to: { place: string }; count: number }) => [to.place, count]),
    [["query:k\u001b[2J", 1]],
  );
  assert.match(stderr, /links: the rule "never query:nowhere" met no value/);
  writeFileSync(rules, "links:\n  - {form: path/2}\n");
  const wrong = await run(["tape", "links", tape, "--links", rules]);
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /unknown key "links\[0\]\.form" \(did you mean "from"\?\)/);
});

test("a mirror tape teaches no links, and is refused by name", async (t) => {
  const { exitCode, stderr } = await run(["tape", "links", await orderTape(t, "mirror")]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /cannot list links: this tape holds calls seen from mirror alone.*record from inbound/);
});
