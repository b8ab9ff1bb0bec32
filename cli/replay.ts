import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { defined, inDuration, OperatorError, reasonOf, systemClock } from "../base/index.js";
import {
  type CallSelection,
  lanesOf,
  newRunId,
  type Preflight,
  parseHeaderOption,
  parseOrder,
  parsePace,
  type ReplayOptions,
  type Progress as ReplayProgress,
  replay,
} from "../replayer/index.js";
import { renderJson, renderText, writeReports } from "../report/index.js";
import { createRun, findRedactionKey, openRun, openTape, parseWhere, type RunSummary } from "../tape/index.js";
import { type ExitCode, type Io, wantsColor, widthOf } from "./io.js";
import { openProgress } from "./progress.js";
import { redactionKeySource } from "./redaction-key.js";
import { durationSetting, flagSetting, readSettings, shareSetting, urlSetting } from "./settings.js";
import { version } from "./version.js";

const count = z.coerce.number().int().positive();
const many = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

const replaySettings = z
  .strictObject({
    tapes: z.array(z.string()).min(1),
    target: urlSetting,
    baseline: urlSetting.optional(),
    order: z.string().default("recorded"),
    pace: z.string().default("asap"),
    concurrency: count.default(32),
    entry: flagSetting.prefault(false),
    service: z.string().optional(),
    where: z.string().optional(),
    id: z
      .array(count)
      .or(count.transform((one) => [one]))
      .optional(),
    limit: count.optional(),
    header: many.prefault([]),
    allowWrites: flagSetting.prefault(false),
    sameTarget: flagSetting.prefault(false),
    targetIsATest: flagSetting.prefault(false),
    /** Hosts that are test targets for good, from the settings file. */
    testTargets: many.prefault([]),
    skipRedacted: flagSetting.prefault(false),
    redactionKey: z.string().optional(),
    minLive: shareSetting.prefault("90%"),
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
      compare two versions, live`;

/** `tapeloop replay`: ends with 0 passed, 1 diverged, 3 inconclusive, 130 interrupted. */
export function replayCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("replay")
    .description("send a tape again, in order, to another version, and say what changed")
    .argument("<tape...>", "files or folders, read as one tape")
    .requiredOption("--target <url>", "the candidate")
    .option(
      "--baseline <url>",
      "send the same to this one too, and compare with its answers instead of the recorded ones",
    )
    .option(
      "--order <order>",
      "serial, recorded or none: what must have ended before a call is sent (default: recorded)",
    )
    .option("--pace <pace>", "asap, recorded, 2x or 500/s: the earliest moment of each call (default: asap)")
    .option("--concurrency <n>", "bound for --order none (default: 32)")
    .option("--entry", "only calls from outside")
    .option("--service <name>", "only the calls this service received")
    .option("--where <condition>", "only these, such as 'path ^= \"/reviews\"'")
    .option("--id <id...>", "only these Exchanges")
    .option("--limit <n>", "only the first so many")
    .option(
      "--header <header...>",
      "set a header on each request, such as 'authorization: Bearer …'; an empty value removes it",
    )
    .option("--allow-writes", "send unsafe methods (all but GET, HEAD, OPTIONS, TRACE), too")
    .option("--same-target", "allow a target that is the recorded one")
    .option("--target-is-a-test", "say that a target beyond this machine is no production")
    .option("--skip-redacted", "leave out calls that hold a redacted secret no --header replaces")
    .option("--redaction-key <file>", "the key the tape was recorded with (default: looked up by its id)")
    .option("--min-live <share>", "inconclusive when fewer Steps answer with the recorded status class (default: 90%)")
    .option(
      "--floor <share>",
      "inconclusive when the tape holds less of what its recorders saw, or has gaps, such as 99%",
    )
    .option("--step-timeout <duration>", "give a Step up after this (default: 10 × as recorded, at least 30s)")
    .option(
      "--hops <tape...>",
      "tapes of recorders inside the targets (started with --record-replays), to name the first hop that differs",
    )
    .option("--report <dir>", "write report.html, report.json, junit.xml and the run file there")
    .option("--json", "print report.json instead of text")
    .addHelpText("after", examples)
    .action(async (tapes: string[], _options, command: Command) => {
      const settings = readSettings(command, "replay", replaySettings, io, { tapes });
      finish(exitCodeOf(await runReplay(settings, io), io));
    });
}

/** Replays, writes the reports, prints the result. */
export async function runReplay(settings: ReplaySettings, io: Io): Promise<RunSummary> {
  return inRunFolder(settings.report, async (folder) => {
    const runPath = join(folder, "run.db");
    const summary = await replayInto(runPath, settings, io);
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

async function replayInto(runPath: string, settings: ReplaySettings, io: Io): Promise<RunSummary> {
  const options = optionsOf(settings);
  const tape = await openTape(settings.tapes);
  const progress = openProgress(io);
  try {
    const runId = newRunId();
    const key = findRedactionKey({ ...redactionKeySource(settings.redactionKey, io), keyId: tape.keyId });
    const run = createRun(runPath, {
      ...{ run: runId, tapeloop: version, startedAt: new Date().toISOString(), tapePaths: settings.tapes },
      ...{ keyId: tape.keyId, lanes: lanesOf(options) },
    });
    try {
      return await replay(
        options,
        defined({
          ...{ clock: systemClock(), tape, tapePaths: settings.tapes, runId, run, key, version, signal: io.signal },
          onPreflight: (preflight: Preflight) => sayPreflight(preflight, io),
          onProgress: (now: ReplayProgress) => progress.show(progressLine(now)),
          openHops: settings.hops.length === 0 ? undefined : () => openTape(settings.hops),
        }),
      );
    } finally {
      await run.close();
    }
  } finally {
    progress.end();
    await tape.close();
  }
}

/** How many bytes of each answer's body are kept for comparing: as much as a generous JSON answer. */
const keepBodyBytes = 16 * 2 ** 20;

function optionsOf(settings: ReplaySettings): ReplayOptions {
  const { concurrency, minLive, allowWrites, sameTarget, skipRedacted } = settings;
  return defined({
    ...{ concurrency, minLive, allowWrites, sameTarget, skipRedacted, keepBodyBytes },
    target: settings.target,
    floor: settings.floor,
    baseline: settings.baseline,
    selection: selectionOf(settings),
    order: parseOrder(settings.order),
    pace: parsePace(settings.pace),
    stepTimeoutMs: settings.stepTimeout,
    targetIsATest: settings.targetIsATest || isTestTarget(settings),
    headers: settings.header.map(parseHeaderOption),
  });
}

function selectionOf({ entry, service, where, id, limit }: ReplaySettings): CallSelection {
  const said = [
    entry ? "entry" : "",
    service === undefined ? "" : `service ${service}`,
    where ?? "",
    id === undefined ? "" : `id ${id.join(", ")}`,
    limit === undefined ? "" : `the first ${limit}`,
  ];
  const text = said.filter(Boolean).join("; ") || "all";
  return defined({ ...(where === undefined ? {} : parseWhere(where)), entry, service, ids: id, limit, text });
}

function progressLine({ sent, total, divergent, failed }: ReplayProgress): string {
  return `${sent} of ${total} sent, ${divergent} differ, ${failed} failed`;
}

function sayPreflight(preflight: Preflight, io: Io): void {
  if (!io.stderr.isTTY) return;
  io.stderr.write(
    `${preflight.steps} Steps, longest chain ${preflight.longestChain}, about ${inDuration(preflight.estimatedMs)}\n`,
  );
}

function isTestTarget({ target, baseline, testTargets }: ReplaySettings): boolean {
  return [target, baseline].every((url) => url === undefined || testTargets.includes(new URL(url).hostname));
}

/** The report's folder, or one that goes when the run is over. */
async function inRunFolder<T>(report: string | undefined, use: (folder: string) => Promise<T>): Promise<T> {
  if (report !== undefined) {
    try {
      mkdirSync(report, { recursive: true });
    } catch (cause) {
      throw new OperatorError(`cannot make the report's folder ${report}: ${reasonOf(cause)}`, { cause });
    }
    return use(report);
  }
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-run-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function exitCodeOf(summary: RunSummary, io: Io): ExitCode {
  if (io.signal.aborted) return 130;
  return summary.verdict === "passed" ? 0 : summary.verdict === "diverged" ? 1 : 3;
}
