import { existsSync } from "node:fs";
import { configFolder, defined, OperatorError } from "../base/index.js";
import type { Io } from "./io.js";

/**
 * Where the redaction key comes from: `--redaction-key FILE` or `TAPELOOP_REDACTION_KEY`, which may hold the key itself
 * as 64 hex digits, else the user's config folder. Throws an OperatorError for what looks like a key and is none, without
 * repeating it.
 */
export function redactionKeySource(
  setting: string | undefined,
  io: Io,
): { file?: string; env?: string; configFolder: string } {
  const isKey = setting !== undefined && /^[0-9a-f]{64}$/i.test(setting);
  if (setting !== undefined && !isKey && looksLikeKey.test(setting) && !existsSync(setting)) throw noKey(setting);
  return defined({
    file: isKey ? undefined : setting,
    env: isKey ? setting : undefined,
    configFolder: configFolder(io.env),
  });
}

/** Hex digits one short, base64, …: longer than most file names, and without the dot that they have. */
const looksLikeKey = /^[\w+/=-]{32,}$/;

function noKey(setting: string): OperatorError {
  const seen = /^[0-9a-f]+$/i.test(setting)
    ? `${setting.length} hex digits, 64 are needed`
    : `neither 64 hex digits nor a file that is there (${setting.length} characters)`;
  return new OperatorError(`the redaction key is ${seen}; make one with "openssl rand -hex 32"`);
}
