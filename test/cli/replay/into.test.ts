import assert from "node:assert/strict";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { optionsOf, replayInto } from "../../../cli/replay/into.js";
import { replaySettings } from "../../../cli/replay.js";
import { openRun } from "../../../tape/index.js";
import { fakeIo } from "../../support/io.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { shopCalls, tapeOf } from "../../support/service-tape.js";
import { tempFolder } from "../../support/temp.js";

test("a replay that takes place elsewhere is told where, under whose id, and how it is seen", async (t) => {
  const server = http.createServer((_request, response) => void response.end("{}"));
  const url = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const tapes = [await tapeOf(t, shopCalls)];
  const target = "namespace shop";
  const authorities = ["shop:9080", "stock:9080", "mail:9080"];
  const byAuthority = { [target]: Object.fromEntries(authorities.map((authority) => [authority, { url }])) };
  const seen: number[] = [];
  const path = join(tempFolder(t), "run.db");
  const settings = { ...replaySettings.parse({ tapes }), target, targetIsATest: true };
  const summary = await replayInto(path, settings, fakeIo(), {
    ...{ byAuthority, runId: "0123456789ab", tapePaths: ["there/"] },
    onProgress: ({ sent }) => void seen.push(sent),
  });
  assert.deepEqual([summary.run, summary.tape.paths, seen.at(-1)], ["0123456789ab", ["there/"], 3]);
  const run = openRun(path);
  assert.deepEqual(
    run.header.lanes.map((lane) => lane.target),
    [target],
  );
  run.close();
});

test("settings become the room's options", () => {
  const settings = replaySettings.parse({ tapes: ["t"], target: "http://127.0.0.1:1", limit: 3, header: ["x: y"] });
  const { target, selection, headers, targetIsATest } = optionsOf(settings, fakeIo());
  assert.deepEqual([target, selection.limit, headers, targetIsATest], ["http://127.0.0.1:1", 3, [["x", "y"]], false]);
});
