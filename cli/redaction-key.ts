import { configFolder, defined } from "../base/index.js";
import type { Io } from "./io.js";

/**
 * Where the redaction key comes from: `--redaction-key FILE` or `TAPELOOP_REDACTION_KEY`, which may hold the key itself
 * as 64 hex digits, else the user's config folder.
 */
export function redactionKeySource(
  setting: string | undefined,
  io: Io,
): { file?: string; env?: string; configFolder: string } {
  const isKey = setting !== undefined && /^[0-9a-f]{64}$/i.test(setting);
  return defined({
    file: isKey ? undefined : setting,
    env: isKey ? setting : undefined,
    configFolder: configFolder(io.env),
  });
}
