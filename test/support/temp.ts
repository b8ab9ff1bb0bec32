import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** An empty folder that goes when the test ends. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
