import assert from "node:assert/strict";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { openTape, openTapeWriter } from "../../tape/index.js";
import { batchOf, callPart, capturedRequest, capturedResponse } from "../support/captured.js";
import { listenOnLoopback } from "../support/loopback.js";
import { testRecorder } from "../support/replay-tape.js";
import { replayed, replayOptions } from "../support/replaying.js";
import { tempFolder } from "../support/temp.js";
import { until } from "../support/until.js";
import { testKey } from "../support/wire-request.js";

test("a folder tape is followed over its segments: what comes to one that began later is sent, each call once", async (t) => {
  const paths: string[] = [];
  const server = http.createServer((request, response) => {
    paths.push(request.url!);
    response.setHeader("content-type", "application/json");
    response.end('{"ok":true}');
  });
  const target = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const folder = join(tempFolder(t), "tape/");
  // Every batch fills a segment.
  const writer = await openTapeWriter({ path: folder, key: testKey, recorder: testRecorder, segmentBytes: 1 });
  let recorded = 0;
  const record = (path: string, startedMs: number) => {
    const request = capturedRequest({ path, headers: [], startedMs, endedMs: startedMs });
    const answer = capturedResponse('{"ok":true}', {
      ...{ headers: ["content-type", "application/json"], startedMs: startedMs + 1, endedMs: startedMs + 1 },
    });
    return writer.append(batchOf(callPart(++recorded, { request, answer })));
  };
  await record("/0", 0);
  const first = await openTape([folder]);
  let opened = 0;
  const reopen = () => {
    opened++;
    return openTape([folder]);
  };
  const run = replayed(first, replayOptions(target, { order: "causal", follow: true }), { reopen });
  for (let at = 1; at < 6; at++) {
    await record(`/${at}`, at * 5_000);
    await until(`call ${at - 1} was sent`, () => paths.includes(`/${at - 1}`));
  }
  await writer.close();
  const { summary } = await run;
  const whole = await openTape([folder]);
  assert.ok(whole.segments.length >= 5, `${whole.segments.length} segments`);
  await whole.close();
  await first.close();
  assert.ok(opened > 1);
  assert.deepEqual(paths, ["/0", "/1", "/2", "/3", "/4", "/5"]);
  assert.deepEqual([summary.verdict, summary.steps, summary.compared, summary.order.violated], ["passed", 6, 6, 0]);
});
