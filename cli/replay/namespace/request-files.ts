import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { OperatorError, reasonOf } from "../../../base/index.js";
import type { Io } from "../../io.js";
import type { ReplaySettings } from "../../replay.js";
import { flagNameOf } from "../../settings.js";

/** Settings as a worker takes them, and what has to be brought to it first. */
export interface CarriedSettings {
  settings: ReplaySettings;
  files: readonly { name: string; bytes: Uint8Array }[];
  env: Readonly<Record<string, string>>;
}

/** Settings that name one file each. */
const fileSettings = [
  ...["faults", "links", "credentials", "rules", "descriptors", "known", "expect", "select"],
  ...["targetCa", "targetCert", "targetKey"],
] as const;

/**
 * The settings with every file they name as one of the worker's folder of secrets, and the variables that credentials
 * name. Throws an OperatorError for a file that cannot be read, and for credentials that a command on this machine gives.
 */
export function carriedSettings(given: ReplaySettings, io: Io, folder: string): CarriedSettings {
  const settings: ReplaySettings = { ...given };
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (const key of fileSettings) {
    const path = given[key];
    if (path === undefined) continue;
    // Reports and rules name the file: what it is called stays.
    const name = `${key}-${basename(path).replace(/[^A-Za-z0-9._-]/g, "_")}`;
    files.push({ name, bytes: readBytes(key, path, io) });
    settings[key] = `${folder}/${name}`;
  }
  return { settings, files, env: variablesOf(given, io) };
}

function readBytes(key: string, path: string, io: Io): Uint8Array {
  try {
    return readFileSync(resolve(io.folder, path));
  } catch (cause) {
    throw new OperatorError(`${flagNameOf([key])} ${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function variablesOf({ credential, credentials }: ReplaySettings, io: Io): Record<string, string> {
  const sources = [
    ...credential
      .map((given) => /=(env|command):(.+)$/s.exec(given))
      .map((match) => ({ [match?.[1] ?? ""]: match?.[2] })),
    ...(credentials === undefined ? [] : sourcesIn(readBytes("credentials", credentials, io))),
  ];
  if (sources.some((source) => source.command !== undefined))
    throw new OperatorError(
      "replay: a credential that a command gives is had on this machine alone: give it as env:NAME, or send from here with --from local",
    );
  const names = sources.flatMap(({ env }) => (typeof env === "string" ? [env] : []));
  return Object.fromEntries(names.flatMap((name) => (io.env[name] === undefined ? [] : [[name, io.env[name]]])));
}

/** Every object of a credentials file, at any depth: its `env` and `command` are what matters. */
function sourcesIn(bytes: Uint8Array): Record<string, unknown>[] {
  let content: unknown;
  try {
    content = parseYaml(Buffer.from(bytes).toString(), { logLevel: "error" });
  } catch {
    return []; // Said by who reads it as what it is.
  }
  const found: Record<string, unknown>[] = [];
  const walk = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    if (!Array.isArray(value)) found.push(value as Record<string, unknown>);
    for (const member of Object.values(value)) walk(member);
  };
  walk(content);
  return found;
}
