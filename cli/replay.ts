import { join } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { renderJson, renderText, writeReports } from "../report/index.js";
import { openRun, type RunSummary } from "../tape/index.js";
import { type ExitCode, type Io, wantsColor, widthOf } from "./io.js";
import { addCarryOptions, carrySettings } from "./replay/carry.js";
import { addCompareOptions, compareSettings } from "./replay/compare.js";
import { replayInto } from "./replay/into.js";
import { addIsolateOptions, isolateSettings } from "./replay/isolate.js";
import { addLaneOptions, laneSettings } from "./replay/lanes.js";
import { replayIntoNamespace } from "./replay/namespace/replay-into-namespace.js";
import { addNamespaceOptions, namespaceSettings, refuseWithoutNamespace } from "./replay/namespace.js";
import { addOrderOptions, orderSettings } from "./replay/order.js";
import { addSelectOptions, selectSettings } from "./replay/select.js";
import { addTargetTlsOptions, targetTlsSettings } from "./replay/tls.js";
import { inRunFolder } from "./run-folder.js";
import { durationSetting, flagSetting, readSettings, shareSetting } from "./settings.js";

export { optionsOf } from "./replay/into.js";

const many = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

export const replaySettings = z
  .strictObject({
    tapes: z.array(z.string()).min(1),
    ...laneSettings,
    ...targetTlsSettings,
    ...orderSettings,
    ...carrySettings,
    ...isolateSettings,
    ...compareSettings,
    ...selectSettings,
    ...namespaceSettings,
    header: many.prefault([]),
    keepHost: flagSetting.prefault(false),
    keepIdempotencyKeys: flagSetting.prefault(false),
    allowWrites: flagSetting.prefault(false),
    sameTarget: flagSetting.prefault(false),
    targetIsATest: flagSetting.prefault(false),
    /** Hosts that are test targets for good, from the settings file. */
    testTargets: many.prefault([]),
    skipRedacted: flagSetting.prefault(false),
    redactionKey: z.string().optional(),
    minLive: shareSetting.prefault("90%"),
    minCompared: shareSetting.optional(),
    floor: shareSetting.optional(),
    stepTimeout: durationSetting.optional(),
    hops: many.prefault([]),
    report: z.string().optional(),
    json: flagSetting.prefault(false),
  })
  .refine((settings) => !(settings.entry && settings.service !== undefined), {
    path: ["service"],
    message: "cannot go with --entry: choose the calls from outside, or those one service received",
  });
export type ReplaySettings = z.output<typeof replaySettings>;

const examples = `
Examples:
  $ tapeloop replay tape/ --target http://127.0.0.1:9080 --entry --report out/
      compare with the recorded answers
  $ tapeloop replay tape/ --target http://reviews-v2:9080 --baseline http://reviews-v1:9080 --service reviews --target-is-a-test
      compare two versions, live
  $ tapeloop replay tape/ -n shop-staging --baseline-namespace shop-prod-copy --entry
      the same in a cluster, each call to the Service of the host it was recorded at, sent from inside`;

/** `tapeloop replay`: ends with 0 passed, 1 diverged, 3 inconclusive, 130 interrupted; `--follow` with its verdict's, however it ends. */
export function replayCommand(io: Io, finish: (code: ExitCode) => void): Command {
  const command = new Command("replay")
    .description("send a tape again, in order, to another version, and say what changed")
    .argument("<tape...>", "files or folders, read as one tape");
  return addCompareOptions(
    addIsolateOptions(
      addCarryOptions(
        addSelectOptions(addOrderOptions(addNamespaceOptions(addTargetTlsOptions(addLaneOptions(command))))),
      ),
    ),
  )
    .option(
      "--header <header...>",
      "set a header on each request, such as 'authorization: Bearer …'; an empty value removes it",
    )
    .option("--keep-host", "send each request with the host it was recorded with, instead of the target's")
    .option(
      "--keep-idempotency-keys",
      "send Idempotency-Key and its like as recorded, instead of a fresh one for each run, lane and repetition",
    )
    .option("--allow-writes", "send unsafe methods (all but GET, HEAD, OPTIONS, TRACE), too")
    .option("--same-target", "allow a target that is the recorded one")
    .option("--target-is-a-test", "say that a target beyond this machine is no production")
    .option("--skip-redacted", "leave out calls that hold a redacted secret no --header replaces")
    .option("--redaction-key <file>", "the key the tape was recorded with (default: looked up by its id)")
    .option("--min-live <share>", "inconclusive when fewer Steps answer with the recorded status class (default: 90%)")
    .option("--min-compared <share>", "no pass when fewer of the selected calls were compared (default: 50%)")
    .option(
      "--floor <share>",
      "inconclusive when the tape holds less of what its recorders saw, or has gaps, such as 99%",
    )
    .option("--step-timeout <duration>", "give a Step up after this (default: 10 × as recorded, at least 30s)")
    .option(
      "--hops <tape...>",
      "tapes of recorders inside the targets (started with --record-replays), to name the first hop that differs; with -n also recorders by Service, such as recorder.shop, or 'namespace' for all",
    )
    .option("--report <dir>", "write report.html, report.json, junit.xml and the run file there")
    .option("--json", "print report.json instead of text")
    .addHelpText("after", examples)
    .action(async (tapes: string[], _options, command: Command) => {
      const settings = readSettings(command, "replay", replaySettings, io, { tapes });
      const { verdict } = await runReplay(settings, io);
      // Following a tape ends with Ctrl-C: that is no interrupt, and what was sent by then is judged.
      finish(io.signal.aborted && !settings.follow ? 130 : exitCodeOf(verdict));
    });
}

/** Replays, writes the reports, prints the result. */
export async function runReplay(settings: ReplaySettings, io: Io): Promise<RunSummary> {
  return inRunFolder(settings.report, async (folder) => {
    const runPath = join(folder, "run.db");
    if (settings.namespace === undefined) refuseWithoutNamespace(settings);
    const replaying = settings.namespace === undefined ? replayInto : replayIntoNamespace;
    const summary = await replaying(runPath, settings, io);
    const run = openRun(runPath);
    try {
      if (settings.report !== undefined) writeReports(folder, summary, run);
    } finally {
      run.close();
    }
    io.stdout.write(
      settings.json ? renderJson(summary) : renderText(summary, { color: wantsColor(io), width: widthOf(io) }),
    );
    if (!settings.json && settings.report !== undefined)
      io.stdout.write(`\nreport: ${join(settings.report, "report.html")}\n`);
    return summary;
  });
}

function exitCodeOf(verdict: RunSummary["verdict"]): ExitCode {
  return verdict === "passed" ? 0 : verdict === "diverged" ? 1 : 3;
}
