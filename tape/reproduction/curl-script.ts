import { curlCommand } from "../curl/curl-command.js";
import type { Exchange } from "../exchange.js";

/** A POSIX shell script that sends the calls one after the other; each line of `about` becomes a comment. Bytes as latin1. */
export function curlScript(calls: readonly Exchange[], about: readonly string[]): string {
  const comments = about.map((line) => `# ${line.replace(/[^\x20-\x7e]/g, "?")}\n`);
  const commands = calls.map((call) => `\n# ${call.id}\n${curlCommand(call)}echo\n`);
  return `#!/bin/sh\n${comments.join("")}${commands.join("")}`;
}
