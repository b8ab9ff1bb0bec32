import { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../base/index.js";
import {
  type ClockOffset,
  coverageOf,
  type Ledger,
  openTape,
  parseWhere,
  type TapeReader,
  type TapeStats,
} from "../tape/index.js";
import { type ExitCode, type Io, widthOf } from "./io.js";
import { flagSetting, readSettings } from "./settings.js";
import { clocksJson, clocksText, readClockOffsets } from "./tape/clocks-view.js";
import { coverageJson, coverageText, ledgerText } from "./tape/coverage-view.js";
import { exportCommand } from "./tape/export.js";
import { hopsJson, hopsText, readHops } from "./tape/hops-view.js";
import { importCommand } from "./tape/import.js";
import { linksCommand } from "./tape/links.js";
import { pullCommand } from "./tape/pull.js";
import { redactCommand } from "./tape/redact.js";
import { selectCommand } from "./tape/select.js";
import { treeCommand } from "./tape/tree.js";
import { exchangeJson, exchangeText, headJson, headLine, statsJson, statsText } from "./tape-views.js";

/** One section of the config file for the three of them. */
const tapeSettings = z.strictObject({
  json: flagSetting.prefault(false),
  where: z.string().optional(),
  limit: z.coerce.number().int().positive().optional(),
  ledger: flagSetting.prefault(false),
  hops: flagSetting.prefault(false),
});

/** `tapeloop tape ls|show|stats …`: looks at a tape and never changes it; import adds to one. */
export function tapeCommand(io: Io, finish: (code: ExitCode) => void = () => {}): Command {
  return new Command("tape")
    .description("look at a tape (one or more files or folders, read as one), bring calls in and out")
    .addCommand(lsCommand(io))
    .addCommand(showCommand(io))
    .addCommand(statsCommand(io))
    .addCommand(treeCommand(io))
    .addCommand(importCommand(io, finish))
    .addCommand(exportCommand(io, finish))
    .addCommand(pullCommand(io, finish))
    .addCommand(redactCommand(io, finish))
    .addCommand(linksCommand(io))
    .addCommand(selectCommand(io));
}

function lsCommand(io: Io): Command {
  return new Command("ls")
    .description("list Exchanges in tape order")
    .argument("<tape...>", "files or folders")
    .option("--where <condition>", "only these, such as 'method = GET and status >= 500'")
    .option("--limit <n>", "at most so many")
    .option("--json", "one JSON object a line")
    .addHelpText(
      "after",
      "\nExample:\n  $ tapeloop tape ls tape/ --where 'path ^= \"/reviews\" and status = 5xx' --limit 20",
    )
    .action(async (paths: string[], _options, command: Command) => {
      const { json, where, limit } = readSettings(command, "tape", tapeSettings, io);
      const which = defined({ ...(where === undefined ? {} : parseWhere(where)), limit });
      await withTape(paths, async (tape) => {
        for await (const line of lines(tape, which, json)) {
          if (io.signal.aborted) break;
          io.stdout.write(`${line}\n`);
        }
      });
    });
}

async function* lines(
  tape: TapeReader,
  which: Parameters<TapeReader["read"]>[0],
  json: boolean,
): AsyncIterable<string> {
  // Conditions on headers and bodies need the whole Exchange; all others are answered from the heads.
  const heads = which?.whereWhole ? tape.read(which) : tape.skim(which);
  for await (const head of heads) yield json ? JSON.stringify(headJson(head)) : headLine(head);
}

function showCommand(io: Io): Command {
  return new Command("show")
    .description("show one Exchange with headers and bodies")
    .argument("<tape...>", "files or folders, then the Exchange's id")
    .option("--json", "as JSON; bodies as text, or base64 when they are not UTF-8")
    .addHelpText("after", "\nExample:\n  $ tapeloop tape show tape/ 17")
    .action(async (words: string[], _options, command: Command) => {
      const { json } = readSettings(command, "tape", tapeSettings, io);
      const { paths, id } = pathsAndId(words);
      await withTape(paths, async (tape) => {
        const exchange = await tape.find(id);
        if (!exchange)
          throw new OperatorError(
            `cannot show Exchange ${id}: ${paths.join(", ")} has none with that id; \`tapeloop tape ls\` lists them`,
          );
        io.stdout.write(json ? `${JSON.stringify(exchangeJson(exchange), null, 2)}\n` : exchangeText(exchange));
      });
    });
}

function pathsAndId(words: readonly string[]): { paths: string[]; id: number } {
  const id = Number(words.at(-1));
  if (words.length < 2 || !Number.isSafeInteger(id) || id < 1) {
    throw new OperatorError(`tape show: give the tape, then the id of an Exchange (got ${words.join(" ")})`);
  }
  return { paths: words.slice(0, -1), id };
}

function statsCommand(io: Io): Command {
  return new Command("stats")
    .description("count what is on a tape, and what it knows that it lacks")
    .argument("<tape...>", "files or folders")
    .option("--json", "as JSON")
    .option("--ledger", "each recorder's counts by minute, too")
    .option("--hops", "who calls whom instead: calls, failures, durations, and how sure that is")
    .addHelpText("after", "\nExample:\n  $ tapeloop tape stats tape/ --json | jq .dropped")
    .action(async (paths: string[], _options, command: Command) => {
      const settings = readSettings(command, "tape", tapeSettings, io);
      await withTape(paths, async (tape) => {
        if (settings.hops) {
          const edges = await readHops(tape);
          io.stdout.write(settings.json ? `${JSON.stringify(hopsJson(edges), null, 2)}\n` : hopsText(edges));
          return;
        }
        const stats = await tape.stats();
        const ledger = await tape.ledger();
        const clocks = await readClockOffsets(tape);
        const shown = { ledger: settings.ledger, clocks };
        io.stdout.write(settings.json ? statsInJson(stats, ledger, shown) : statsInWords(stats, ledger, shown, io));
      });
    });
}

interface StatsShown {
  ledger: boolean;
  clocks: readonly ClockOffset[];
}

function statsInJson(stats: TapeStats, ledger: Ledger, shown: StatsShown): string {
  const all = {
    ...stats,
    coverage: coverageJson(coverageOf(ledger), ledger),
    clocks: clocksJson(shown.clocks),
    ...(shown.ledger ? { ledger: ledger.entries } : {}),
  };
  return `${JSON.stringify(statsJson(all), null, 2)}\n`;
}

function statsInWords(stats: TapeStats, ledger: Ledger, shown: StatsShown, io: Io): string {
  const coverage = coverageText(coverageOf(ledger), ledger, widthOf(io));
  const clocks = clocksText(shown.clocks, stats).map((line) => `${line}\n`);
  return `${statsText(stats)}${clocks.join("")}\n${coverage}${shown.ledger ? `\n${ledgerText(ledger)}` : ""}`;
}

async function withTape(paths: readonly string[], use: (tape: TapeReader) => Promise<void>): Promise<void> {
  const tape = await openTape(paths);
  try {
    await use(tape);
  } finally {
    await tape.close();
  }
}
