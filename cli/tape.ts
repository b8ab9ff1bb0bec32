import { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../base/index.js";
import { openTape, parseWhere, type TapeReader } from "../tape/index.js";
import type { Io } from "./io.js";
import { flagSetting, readSettings } from "./settings.js";
import { exchangeJson, exchangeText, headJson, headLine, statsJson, statsText } from "./tape-views.js";

/** One section of the config file for the three of them. */
const tapeSettings = z.strictObject({
  json: flagSetting.prefault(false),
  where: z.string().optional(),
  limit: z.coerce.number().int().positive().optional(),
});

/** `tapeloop tape ls|show|stats`: looks at a tape, never changes it. */
export function tapeCommand(io: Io): Command {
  return new Command("tape")
    .description("look at a tape: one or more files or folders, read as one")
    .addCommand(lsCommand(io))
    .addCommand(showCommand(io))
    .addCommand(statsCommand(io));
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
    .addHelpText("after", "\nExample:\n  $ tapeloop tape stats tape/ --json | jq .dropped")
    .action(async (paths: string[], _options, command: Command) => {
      const { json } = readSettings(command, "tape", tapeSettings, io);
      await withTape(paths, async (tape) => {
        const stats = await tape.stats();
        io.stdout.write(json ? `${JSON.stringify(statsJson(stats), null, 2)}\n` : statsText(stats));
      });
    });
}

async function withTape(paths: readonly string[], use: (tape: TapeReader) => Promise<void>): Promise<void> {
  const tape = await openTape(paths);
  try {
    await use(tape);
  } finally {
    await tape.close();
  }
}
