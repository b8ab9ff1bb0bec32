import { curlCommand } from "../curl/curl-command.js";
import type { Exchange } from "../exchange.js";
import type { TlsFiles } from "../run.js";

/**
 * A POSIX shell script that sends the calls one after the other; each line of `about` becomes a comment. Bytes as latin1.
 * `tls`: files that an https target needs.
 */
export function curlScript(calls: readonly Exchange[], about: readonly string[], tls?: TlsFiles): string {
  const comments = about.map((line) => `# ${line.replace(/[^\x20-\x7e]/g, "?")}\n`);
  const commands = calls.map((call) => `\n# ${call.id}\n${curlCommand(call, tls)}echo\n`);
  return `#!/bin/sh\n${comments.join("")}${commands.join("")}`;
}
