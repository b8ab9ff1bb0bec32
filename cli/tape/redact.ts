import { randomBytes } from "node:crypto";
import { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../../base/index.js";
import {
  findRedactionKey,
  openTape,
  type RedactionKey,
  type RedactTapeSummary,
  redactionKey,
  redactTape,
} from "../../tape/index.js";
import type { ExitCode, Io } from "../io.js";
import { openProgress } from "../progress.js";
import { redactionOf } from "../record/redaction.js";
import { redactionKeySource } from "../redaction-key.js";
import { flagSetting, readSettings } from "../settings.js";

const redactSettings = z
  .strictObject({
    out: z.string().min(1).optional(),
    rules: z.string().min(1).optional(),
    keepOnly: z.string().min(1).optional(),
    unreadable: z.enum(["drop", "flag"]).optional(),
    redactionKey: z.string().optional(),
    freshKey: flagSetting.prefault(false),
    dryRun: flagSetting.prefault(false),
    json: flagSetting.prefault(false),
  })
  .refine(({ out, dryRun }) => (out === undefined) === dryRun, {
    path: ["out"],
    message: "name the new tape with --out, or look first with --dry-run",
  });
type RedactSettings = z.output<typeof redactSettings>;

const examples = `
Examples:
  $ tapeloop tape redact tape/ --dry-run --rules rules.yaml
      what would be replaced, by rule and place; counts, never the secrets
  $ tapeloop tape redact tape/ --out redacted/ --rules rules.yaml`;

/** `tapeloop tape redact`: newer rules on an old tape, onto a new one. */
export function redactCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("redact")
    .description("redact a tape again with newer rules, onto a new tape; the old one is not changed")
    .argument("<tape...>", "files or folders")
    .option("--out <path>", "the new tape: a file for one segment, else a folder; must not be there yet")
    .option("--rules <file>", "YAML: names, patterns and places that are secret here, and exceptions")
    .option("--keep-only <file>", "YAML: the places that are kept as they came; every other value is replaced")
    .option("--unreadable <what>", "drop or flag bodies that may hold a secret and cannot be read (default: drop)")
    .option("--redaction-key <file>", "the key the tape was recorded with (default: looked up by its id)")
    .option("--fresh-key", "that key is lost: use one for this once; the new tape is compared by class alone")
    .option("--dry-run", "write nothing: count what would be replaced, by rule and place")
    .option("--json", "say what was replaced as JSON")
    .addHelpText("after", examples)
    .action(async (paths: string[], _options, command: Command) => {
      finish(await redact(paths, readSettings(command, "redact", redactSettings, io), io));
    });
}

async function redact(paths: readonly string[], settings: RedactSettings, io: Io): Promise<ExitCode> {
  const { rules: redactionRules, keepOnly, unreadable, out } = settings;
  const spec = redactionOf(defined({ redactionRules, keepOnly, unreadable }), io) ?? {};
  const key = await keyFor(paths, settings, io);
  const progress = openProgress(io);
  const summary = await redactTape(
    defined({
      ...{ paths, out, spec, key, signal: io.signal },
      onProgress: (done: number, of: number) => progress.show(`${done} of ${of} Exchanges`),
    }),
  ).finally(() => progress.end());
  io.stdout.write(settings.json ? `${JSON.stringify(summary)}\n` : inText(summary, settings));
  return summary.interrupted ? 130 : 0;
}

/** The tape's own, unless that is known to be lost. Its pseudonyms are not made without it. */
async function keyFor(paths: readonly string[], settings: RedactSettings, io: Io): Promise<RedactionKey> {
  if (settings.freshKey) return redactionKey(randomBytes(32));
  const tape = await openTape(paths);
  const { keyId } = tape;
  await tape.close();
  const key = findRedactionKey({ ...redactionKeySource(settings.redactionKey, io), keyId });
  if (key !== undefined) return key;
  if (settings.dryRun) return redactionKey(randomBytes(32));
  throw new OperatorError(
    `cannot redact ${paths.join(", ")}: its redaction key ${keyId} is not at hand; give it with --redaction-key FILE, or use --fresh-key when it is lost`,
  );
}

function inText({ exchanges, changed, found, interrupted }: RedactTapeSummary, settings: RedactSettings): string {
  const done = settings.dryRun ? "would be changed" : `changed, all on ${settings.out}`;
  const head = interrupted ? "interrupted: nothing was written" : `${changed} of ${exchanges} Exchanges ${done}`;
  const width = String(found[0]?.count ?? 0).length;
  const lines = found.map(({ rule, place, count }) => `  ${String(count).padStart(width)} × ${rule} at ${place}`);
  return `${[head, ...lines].join("\n")}\n`;
}
