import { join } from "node:path";
import { Command } from "commander";
import { defined } from "../base/index.js";
import { type Producers, readProducers, type ShrinkProgress, type Shrunk, shrink } from "../replayer/index.js";
import { type ExchangeHead, findRedactionKey, openTape, type TapeReader } from "../tape/index.js";
import type { ExitCode, Io } from "./io.js";
import { openProgress } from "./progress.js";
import { redactionKeySource } from "./redaction-key.js";
import { readLinkRules } from "./replay/carry.js";
import { runReset } from "./replay/reset-command.js";
import { tlsFilesOf } from "./replay/tls.js";
import { readSettings } from "./settings.js";
import { replaySome } from "./shrink/replay-some.js";
import { type RunToShrink, readRunToShrink } from "./shrink/run-to-shrink.js";
import {
  candidateOf,
  type ShrinkSettings,
  settingsOfTry,
  shrinkSettings,
  withReplayOptions,
} from "./shrink/settings.js";
import { makeOutFolder, writeShrunk } from "./shrink/write-shrunk.js";

const examples = `
Examples:
  $ tapeloop shrink out/run.db --divergence 1 --reset-command './reset-db.sh'
      the fewest calls that still show divergence 1, in shrunk/: a tape, calls.sh, calls.har, calls.test.mjs
  $ tapeloop shrink out/run.db --divergence 2 --target http://127.0.0.1:9081 --max-replays 50 --out two/`;

/** `tapeloop shrink`: ends with 0, with 3 when the divergence does not show any more, with 130 when interrupted. */
export function shrinkCommand(io: Io, finish: (code: ExitCode) => void): Command {
  const command = new Command("shrink")
    .description("find the fewest calls of a run that still show a divergence, by replaying fewer and fewer")
    .argument("<run>", "a run file, such as out/run.db")
    .option("--divergence <n>", "its number in the report")
    .option("--tape <path...>", "where the run's tape is now (default: where it was)")
    .option("--order <order>", "as for replay (default: the run's)")
    .option("--reset-command <command>", "run this before each replay, to bring the targets back to one state")
    .option("--max-replays <n>", "give what was found after so many (default: 200)")
    .option("--out <dir>", "write there (default: shrunk)");
  return withReplayOptions(command, io)
    .addHelpText("after", examples)
    .action(async (runPath: string, _options, command: Command) => {
      finish(await runShrink(runPath, readSettings(command, "shrink", shrinkSettings, io), io));
    });
}

async function runShrink(runPath: string, settings: ShrinkSettings, io: Io): Promise<ExitCode> {
  const run = readRunToShrink(runPath, settings.divergence);
  sayBefore(run, settings, io);
  makeOutFolder(settings.out);
  const tryWith = settingsOfTry(run, settings);
  const tape = await openTape(tryWith.tapes);
  const progress = openProgress(io);
  const { divergence, target, summary } = run;
  try {
    const sent = await headsOf(tape, run.sent);
    const producers = await producersOf(tape, run.sent, settings);
    const shrunk = await shrink(
      {
        ...{ divergence, target, reference: summary.reference, sent, producers },
        maxReplays: settings.maxReplays,
      },
      {
        replay: async (ids, tried) => {
          if (settings.resetCommand !== undefined) await runReset(settings.resetCommand, "candidate", io);
          await replaySome(tape, ids, tryWith, io, tried);
        },
        onProgress: (now) => progress.show(progressLine(now)),
        signal: io.signal,
      },
    ).finally(() => progress.end());
    const key = findRedactionKey({ ...redactionKeySource(settings.redactionKey, io), keyId: tape.keyId });
    const { out } = settings;
    const to = candidateOf(tryWith);
    const tls = to.startsWith("https:") ? tlsFilesOf(tryWith) : undefined;
    const { tapes: tapePaths, keepHost, keepIdempotencyKeys } = tryWith;
    const kept = { keepHost, keepIdempotencyKeys };
    const untested = await writeShrunk(
      defined({ out, runPath, tapePaths, shrunk, divergence, target: to, tls, ...kept, key }),
    );
    io.stdout.write(inText(shrunk, settings, io.signal.aborted, untested));
    return io.signal.aborted ? 130 : 0;
  } finally {
    await tape.close();
  }
}

/** Without carrying, requests go out as they were recorded and need no other's answer. */
async function producersOf(tape: TapeReader, ids: readonly number[], settings: ShrinkSettings): Promise<Producers> {
  if (!settings.carry) return new Map();
  return readProducers(tape, ids, settings.links === undefined ? undefined : readLinkRules(settings.links));
}

/** In tape order. */
async function headsOf(tape: TapeReader, ids: readonly number[]): Promise<ExchangeHead[]> {
  const wanted = new Set(ids);
  const heads: ExchangeHead[] = [];
  for await (const head of tape.skim({ whereId: (id) => wanted.has(id) })) heads.push(head);
  return heads;
}

function sayBefore(run: RunToShrink, { resetCommand, header }: ShrinkSettings, io: Io): void {
  const given = new Set(header.map((field) => field.split(":", 1)[0]!.trim().toLowerCase()));
  const missing = run.givenHeaders.filter((name) => !given.has(name.toLowerCase()));
  if (missing.length > 0) {
    io.stderr.write(
      `tapeloop: the run was given --header ${missing.join(", ")}; values are not kept: give them again\n`,
    );
  }
  if (run.sentUnsafe && resetCommand === undefined) {
    io.stderr.write(
      "tapeloop: the calls may write, and there is no --reset-command: what one replay leaves behind the next one meets\n",
    );
  }
}

function progressLine({ replays, shortest, tried, shown }: ShrinkProgress): string {
  return `${replays} replays: ${tried} calls ${shown ? "show it" : "do not"}; shortest so far ${shortest}`;
}

function inText(
  shrunk: Shrunk,
  { out, maxReplays }: ShrinkSettings,
  interrupted: boolean,
  untested: string | undefined,
): string {
  const { ids, from, replays, isMinimal, shown, shownOf } = shrunk;
  const least = isMinimal
    ? "none of them can be left out"
    : `${interrupted ? "interrupted" : `--max-replays ${maxReplays} was reached`}: fewer may do`;
  const flaky = shown === shownOf ? "" : `flaky: the same calls showed it in ${shown} of ${shownOf} replays\n`;
  const names = ["tape/", "calls.sh", "calls.har", ...(untested === undefined ? ["calls.test.mjs"] : [])];
  const files = names.map((name) => `  ${join(out, name)}\n`).join("");
  const without = untested === undefined ? "" : `no calls.test.mjs: ${untested}\n`;
  return `${ids.length} of ${from} calls show it, after ${replays} replays: ${ids.join(", ")}\n${least}\n${flaky}${files}${without}`;
}
