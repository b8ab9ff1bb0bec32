import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { check, didYouMean, OperatorError, parseBytes, parseDuration, reasonOf } from "../base/index.js";
import type { Io } from "./io.js";

/**
 * Settings come from, in this order: flags, environment (`TAPELOOP_MAX_BODY` for `--max-body`), the section of the
 * command in `tapeloop.config.{json,yaml}`, defaults. All of them pass one zod schema per command.
 */
export function readSettings<S extends z.ZodObject>(
  command: Command,
  section: SectionName,
  schema: S,
  io: Io,
  given: Record<string, unknown> = {},
): Readonly<z.output<S>> {
  const settings: Record<string, unknown> = { ...readSection(section, schema, io), ...given };
  const ofEnvironment = new Set<PropertyKey>();
  for (const option of command.options) {
    const key = option.attributeName();
    const fromEnvironment = io.env[environmentName(key)];
    if (command.getOptionValueSource(key) === "cli") settings[key] = command.getOptionValue(key);
    else if (fromEnvironment !== undefined && fromEnvironment !== "") {
      settings[key] = fromEnvironment;
      ofEnvironment.add(key);
    }
  }
  refuseMissing(command, section, schema, settings);
  const nameOf = (path: readonly PropertyKey[]) =>
    ofEnvironment.has(path[0]!) ? environmentName(String(path[0])) : flagNameOf(path);
  return Object.freeze(check(schema, settings, command.name(), nameOf));
}

/** What a command cannot do without may come from any of the places, so that only here it is known to be missing. */
function refuseMissing(
  command: Command,
  section: SectionName,
  { shape }: z.ZodObject,
  settings: Record<string, unknown>,
): void {
  for (const option of command.options) {
    const key = option.attributeName();
    if (settings[key] !== undefined || (shape[key] as z.ZodType | undefined)?.safeParse(undefined).success !== false)
      continue;
    throw new OperatorError(
      `${command.name()}: ${option.flags} is needed (${option.description}); it may also be ${environmentName(key)}, or ${key} under ${section} in tapeloop.config.yaml`,
    );
  }
}

/** `maxBody` → `TAPELOOP_MAX_BODY`. */
export function environmentName(key: string): string {
  return `TAPELOOP_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

const sectionNames = [
  "record",
  "tape",
  "tree",
  "import",
  "export",
  "pull",
  "replay",
  "worker",
  "report",
  "doctor",
  "demo",
  "redact",
  "mirror",
  "fault",
  "restore",
  "chaos",
  "experiment",
  "select",
  "links",
  "shrink",
  "stub",
  "diff",
] as const;
type SectionName = (typeof sectionNames)[number];

/** The file as a whole: one section a command. Keys inside a section are checked by the command's own schema. */
const configFile = z.strictObject(
  Object.fromEntries(sectionNames.map((name) => [name, z.record(z.string(), z.unknown()).optional()])) as Record<
    SectionName,
    z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>
  >,
);

/** The command's section of the config file; empty without a file. */
function readSection(section: SectionName, schema: z.ZodObject, io: Io): Record<string, unknown> {
  for (const name of ["tapeloop.config.json", "tapeloop.config.yaml", "tapeloop.config.yml"]) {
    const text = readIfThere(join(io.folder, name));
    if (text === undefined) continue;
    const found = check(configFile, parsed(name, text) ?? {}, name)[section] ?? {};
    const known = Object.keys(schema.shape);
    const unknown = Object.keys(found).find((key) => !known.includes(key));
    if (unknown === undefined) return found;
    throw new OperatorError(`${name}: unknown key "${section}.${unknown}"${didYouMean(unknown, known)}`);
  }
  return {};
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new OperatorError(`cannot read settings from ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function parsed(name: string, text: string): unknown {
  try {
    return name.endsWith(".json") ? JSON.parse(text) : parseYaml(text, { logLevel: "error" });
  } catch (cause) {
    throw new OperatorError(`cannot read settings from ${name}: ${reasonOf(cause)}`, { cause });
  }
}

/** `maxBody` → `--max-body`. */
export function flagNameOf(path: readonly PropertyKey[]): string {
  return `--${path
    .map(String)
    .join(".")
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A size such as `64KiB`, or a number of bytes. */
export const bytesSetting = z.union([z.number(), z.string()]).transform((text, context) => {
  const bytes = parseBytes(String(text));
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: "custom", message: "must be a size such as 64KiB, 1MB or 1048576" });
  return z.NEVER;
});

/** A duration such as `50ms` or `1h`, in milliseconds. */
export const durationSetting = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", message: "must be a duration such as 50ms, 30s or 1h" });
  return z.NEVER;
});

/** A yes/no that may also come from the environment as text. */
export const flagSetting = z
  .union([z.boolean(), z.enum(["true", "false", "1", "0"])], "must be true or false")
  .transform((value) => value === true || value === "true" || value === "1");

/** How many, at least one. */
export const countSetting = z.coerce
  .number("must be a whole number from 1 on")
  .refine((count) => Number.isSafeInteger(count) && count > 0, "must be a whole number from 1 on");

/** Ids of Exchanges, one or several. */
export const idsSetting = z.union(
  [z.array(countSetting), countSetting.transform((one) => [one])],
  "must be ids with spaces between them, such as 17 42",
);

/** `HOST:PORT`; an IPv6 host in brackets. */
export const addressSetting = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:[\]]+):\d{1,5}$/, "must be HOST:PORT, such as 127.0.0.1:8080");

/** An `http://` or `https://` URL without a path. */
export const urlSetting = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "";
}, "must be a URL such as http://127.0.0.1:9080, without a path");

/** A share such as `90%` or `0.9`, as a number from 0 to 1. */
export const shareSetting = z.union([z.number(), z.string()]).transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(text).trim());
  const share = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  context.addIssue({ code: "custom", message: "must be a share such as 90% or 0.9" });
  return z.NEVER;
});
