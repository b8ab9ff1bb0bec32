import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError, reasonOf } from "../../base/index.js";
import { parseKeepOnly, parseRedactionRules, type RedactionSpec } from "../../tape/index.js";
import type { Io } from "../io.js";

/** What is redacted, and what becomes of what cannot be read; for `record` and for `tape redact`. */
export const redactionSettings = {
  redactionRules: z.string().min(1).optional(),
  keepOnly: z.string().min(1).optional(),
  unreadable: z.enum(["drop", "flag"]).optional(),
};

type RedactionSettings = z.output<z.ZodObject<typeof redactionSettings>>;

/** Adds their options to a command. */
export function addRedactionOptions(command: Command): Command {
  return command
    .option("--redaction-rules <file>", "YAML: names, patterns and places that are secret here, and exceptions")
    .option("--keep-only <file>", "YAML: the places that are kept as they came; every other value is replaced")
    .option("--unreadable <what>", "drop or flag bodies that may hold a secret and cannot be read (default: drop)");
}

/**
 * The rules of the files that were named; undefined when nothing but what is done unasked is asked for. Throws an
 * OperatorError of one line, with file and line, for what cannot be read or is no rule.
 */
export function redactionOf(settings: RedactionSettings, io: Io): RedactionSpec | undefined {
  const { redactionRules, keepOnly, unreadable } = settings;
  const spec: RedactionSpec = defined({
    ...(redactionRules === undefined ? {} : parseRedactionRules(textOf(redactionRules, io), redactionRules)),
    ...(keepOnly === undefined ? {} : parseKeepOnly(textOf(keepOnly, io), keepOnly)),
    unreadable: unreadable === "flag" ? unreadable : undefined,
  });
  return Object.keys(spec).length === 0 ? undefined : spec;
}

function textOf(file: string, io: Io): string {
  try {
    return readFileSync(resolve(io.folder, file), "utf8");
  } catch (cause) {
    throw new OperatorError(`cannot read ${file}: ${reasonOf(cause)}`, { cause });
  }
}
