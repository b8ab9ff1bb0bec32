import { execFile } from "node:child_process";
import { OperatorError } from "../../../base/index.js";
import { expiryOfJwt, type Lease } from "./refreshed.js";

const timeoutMs = 30_000;

/**
 * Runs a command in a shell and takes what it prints: a value, or a JSON object with `value` and `expiresInSeconds`. It
 * expires then, or after `refreshMs`, or when the token in it says so. What it prints to stderr is not repeated.
 */
export async function secretFromCommand(command: string, refreshMs?: number): Promise<Lease> {
  const printed = await run(command);
  const lease = parsed(printed);
  if (lease.value === "" || /[\r\n\0]/.test(lease.value)) {
    throw new OperatorError(`the command for a credential (${firstWord(command)} …) printed no single line`);
  }
  const ends = [
    lease.expiresMs,
    expiryOfJwt(lease.value),
    refreshMs === undefined ? undefined : Date.now() + refreshMs,
  ];
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? { value: lease.value } : { value: lease.value, expiresMs: Math.min(...known) };
}

function run(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("/bin/sh", ["-c", command], { timeout: timeoutMs, maxBuffer: 1 << 20 }, (error, stdout) => {
      if (error === null) return resolve(stdout.trim());
      const how = error.killed
        ? `did not end within ${timeoutMs / 1000} s`
        : `ended with ${error.code ?? error.signal}`;
      reject(
        new OperatorError(`the command for a credential (${firstWord(command)} …) ${how}: run it by hand to see why`),
      );
    });
  });
}

function parsed(printed: string): Lease {
  if (!printed.startsWith("{")) return { value: printed };
  try {
    const { value, expiresInSeconds } = JSON.parse(printed) as { value?: unknown; expiresInSeconds?: unknown };
    if (typeof value !== "string") return { value: printed };
    return typeof expiresInSeconds === "number"
      ? { value, expiresMs: Date.now() + expiresInSeconds * 1000 }
      : { value };
  } catch {
    return { value: printed };
  }
}

/** Later words may hold a secret. */
function firstWord(command: string): string {
  return command.trim().split(/\s+/)[0] ?? "";
}
