import { homedir } from "node:os";
import { join } from "node:path";

/** The one place that reads the process environment. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Where this user's settings and redaction keys live: `$XDG_CONFIG_HOME/tapeloop`, else `~/.config/tapeloop`. */
export function configFolder(env = environment()): string {
  return join(env.XDG_CONFIG_HOME || join(homedir(), ".config"), "tapeloop");
}
