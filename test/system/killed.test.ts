import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { draw } from "../../base/index.js";
import { load } from "../support/clients.js";
import { newHome, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { ListedExchange, TapeStatsJson } from "../support/tape-json.js";
import { until } from "../support/until.js";

const kills = 5;

test("a recorder killed at any time leaves a tape that opens and holds all that it said was kept", async (t) => {
  const home = newHome(t);
  const tape = join(home.folder, "tape.db");
  let expectedOnTape = 0;
  for (let kill = 0; kill < kills; kill++) {
    // The first dies almost at once, the others after a number of calls that only looks random.
    const moment = kill === 0 ? 1 : Math.round(draw("killed", kill) * 3000);
    await t.test(`killed once ${moment} calls were kept`, async () => {
      const recorder = await startRecorderProcess(t, home, { tape });
      let dead = false;
      const path = (call: number) => `/kill/${kill}/${call}`;
      const loaded = load(recorder.port, { count: Number.MAX_SAFE_INTEGER, connections: 8, path, stop: () => dead });
      const kept = () => recorder.metric("tapeloop_recorder_kept_total");
      const keptBefore = await until("calls to be kept", async () => atLeast(await kept(), moment), { seen: kept });
      const died = await recorder.kill();
      const diedNs = BigInt(Date.now()) * 1_000_000n;
      dead = true;
      const { answered } = await loaded;
      assert.deepEqual(died, { code: null, signal: "SIGKILL" });

      const stats = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
      const mine = stats.recorders.at(-1)!;
      t.diagnostic(`killed at ${keptBefore} kept: ${answered} answered, ${mine.exchanges} on the tape`);
      assert.equal(stats.recorders.length, kill + 1);
      assert.ok(mine.exchanges >= keptBefore, `${mine.exchanges} on the tape, ${keptBefore} were kept`);
      assert.equal(mine.stoppedNs, undefined);
      const gap = stats.gaps.find(({ afterIncarnation }) => afterIncarnation === mine.id.incarnation);
      assert.ok(gap !== undefined, "no gap after the kill");
      assert.ok(BigInt(gap.fromNs) >= BigInt(mine.startedNs) && BigInt(gap.fromNs) <= diedNs, JSON.stringify(gap));
      assert.equal(gap.toNs, undefined);
      expectedOnTape += mine.exchanges;
    });
  }

  await t.test("each Exchange is whole and there once; every gap but the last has both bounds", async () => {
    const listed = await tapeloopJsonLines<ListedExchange>(t, home, ["tape", "ls", tape, "--json"]);
    assert.equal(listed.length, expectedOnTape);
    assert.equal(new Set(listed.map(({ path }) => path)).size, expectedOnTape);
    assert.ok(listed.every(({ method, requestEnd }) => method === "POST" && requestEnd === "complete"));
    const { gaps } = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
    assert.equal(gaps.length, kills);
    for (const gap of gaps.slice(0, -1)) assert.ok(BigInt(gap.toNs ?? 0) > BigInt(gap.fromNs), JSON.stringify(gap));
  });
});

function atLeast(count: number, wanted: number): number | undefined {
  return count >= wanted ? count : undefined;
}
