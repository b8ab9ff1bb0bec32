import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { OperatorError, reasonOf } from "../../base/index.js";
import type { CallSelection } from "../../replayer/index.js";
import type { Io } from "../io.js";

/** Setting of `replay` that names a file of ids, as `tape select` prints them. */
export const selectSettings = { select: z.string().min(1).optional() };

export function addSelectOptions(command: Command): Command {
  return command.option(
    "--select <file>",
    "only the Exchanges whose ids this file lists, as `tape select` prints them",
  );
}

/** The selection, narrowed to a file's ids where one is named. */
export function withSelectFile(selection: CallSelection, file: string | undefined, io: Io): CallSelection {
  if (file === undefined) return selection;
  if (selection.ids !== undefined) throw new OperatorError("replay: --select: cannot go with --id: both list ids");
  const ids = readIds(file, io);
  const text = [selection.text === "all" ? "" : selection.text, `${ids.length} ids of ${file}`]
    .filter(Boolean)
    .join("; ");
  return { ...selection, ids, text };
}

/** One id a line; what follows `#` is a comment. */
function readIds(file: string, io: Io): number[] {
  let text: string;
  try {
    text = readFileSync(resolve(io.folder, file), "utf8");
  } catch (cause) {
    throw new OperatorError(`cannot read ids from ${file}: ${reasonOf(cause)}`, { cause });
  }
  const words = text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
  const wrong = words.find((word) => !/^[1-9]\d{0,15}$/.test(word));
  if (wrong !== undefined) throw new OperatorError(`cannot read ids from ${file}: "${wrong}" is no id; one a line`);
  if (words.length === 0) throw new OperatorError(`cannot read ids from ${file}: it lists none`);
  return words.map(Number);
}
