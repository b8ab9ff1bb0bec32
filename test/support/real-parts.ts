import { execFile } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { projectFolder } from "./project.js";

/**
 * A test that needs a part this machine may lack (Envoy, a browser, a cluster) calls this first. Without the part it is
 * skipped with the reason printed; with TAPELOOP_REQUIRE_ALL=1 it fails instead.
 */
export function needs(t: TestContext, part: string, found: boolean, howToGetIt: string): boolean {
  if (found) return true;
  const reason = `${part} is not here (${howToGetIt})`;
  if (process.env.TAPELOOP_REQUIRE_ALL === "1") throw new Error(`TAPELOOP_REQUIRE_ALL is set and ${reason}`);
  t.skip(reason);
  return false;
}

const got = new Map<string, Promise<{ place: string } | { missing: string }>>();

/**
 * Place of a part that one of `scripts/get-*.mjs` puts into the project's `.cache`, on first need. Where it cannot be had, the
 * test is skipped (or fails, with TAPELOOP_REQUIRE_ALL=1) and undefined is given.
 */
export async function gotten(t: TestContext, part: string, script: string): Promise<string | undefined> {
  if (!got.has(script)) got.set(script, get(script));
  const found = await got.get(script)!;
  if ("place" in found) return found.place;
  needs(t, part, false, found.missing);
  return undefined;
}

async function get(script: string): Promise<{ place: string } | { missing: string }> {
  try {
    const words = [join(projectFolder, "scripts", script)];
    const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 300_000 });
    return { place: stdout.trim() };
  } catch (failure) {
    const { stderr, message } = failure as Error & { stderr?: string };
    return { missing: stderr?.trim() || message };
  }
}
