import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openTapeWriter } from "../../tape/index.js";
import { batchOf, callPart, capturedRequest, testKey, testRecorder } from "../support/captured.js";
import { startChild } from "../support/child.js";
import { mainFile, newHome, tapeloopJson } from "../support/command-line.js";
import type { ReportJson } from "../support/tape-json.js";

/** A tape of 60 calls, one a minute. */
async function slowTape(folder: string): Promise<string> {
  const path = join(folder, "tape.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  const parts = Array.from({ length: 60 }, (_, at) =>
    callPart(at + 1, {
      request: capturedRequest({ path: `/calls/${at}`, startedMs: at * 60_000, endedMs: at * 60_000 + 1 }),
      answer: { kind: "failure", reason: "refused", endedMs: at * 60_000 + 2 },
    }),
  );
  await writer.append(batchOf(...parts));
  await writer.close();
  return path;
}

/** A service whose first request can be waited for. */
async function startService(t: TestContext): Promise<{ url: string; asked: Promise<void> }> {
  let sayAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    sayAsked = resolve;
  });
  const server = createServer((_request, response) => {
    response.end("ok");
    sayAsked();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("Ctrl-C ends a replay with 130 and keeps what was gathered", async (t) => {
  const home = newHome(t);
  const tape = await slowTape(home.folder);
  const service = await startService(t);
  const words = ["replay", tape, "--target", service.url, "--pace", "recorded", "--report", "out"];
  const child = startChild(t, process.execPath, [mainFile, ...words], { env: home.env, cwd: home.folder });
  await service.asked;
  assert.deepEqual(await child.end("SIGINT"), { code: 130, signal: null }, child.stderr);
  const report = JSON.parse(readFileSync(join(home.folder, "out/report.json"), "utf8")) as ReportJson;
  assert.equal(report.verdict, "inconclusive");
  assert.equal(report.sent, 1);
  assert.equal(report.notSent.interrupted, 59);
  const again = await tapeloopJson<ReportJson>(t, home, ["report", "out/run.db", "--format", "json"]);
  assert.deepEqual(again, report, "the run file says the same");
});
