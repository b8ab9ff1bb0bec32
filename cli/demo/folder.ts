import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { OperatorError, reasonOf } from "../../base/index.js";

/** What the demo leaves in its folder. Paths are as the operator wrote the folder, so that commands can be typed again. */
export interface DemoFolder {
  key: string;
  tape: string;
  hops: { old: string; new: string };
  reports: { plain: string; faults: string };
}

const marker = ".tapeloop-demo";

/**
 * Makes the folder, empty but for a redaction key. What an earlier demo left there is removed; a folder that holds anything
 * else is refused with an OperatorError.
 */
export function prepareFolder(path: string, currentFolder: string): DemoFolder {
  const full = resolve(currentFolder, path);
  try {
    if (existsSync(full)) clearEarlierDemo(full, path);
    mkdirSync(full, { recursive: true });
    writeFileSync(join(full, marker), "");
    writeFileSync(join(full, "redaction.key"), `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  } catch (thrown) {
    if (thrown instanceof OperatorError) throw thrown;
    throw new OperatorError(`cannot make the demo's folder ${path}: ${reasonOf(thrown)}; give another with --out`, {
      cause: thrown,
    });
  }
  return namesIn(path);
}

function namesIn(path: string): DemoFolder {
  return {
    key: join(path, "redaction.key"),
    tape: join(path, "tape/"),
    hops: { old: join(path, "hops-old/"), new: join(path, "hops-new/") },
    reports: { plain: join(path, "report/"), faults: join(path, "report-with-faults/") },
  };
}

function clearEarlierDemo(full: string, path: string): void {
  const entries = readdirSync(full);
  if (entries.length > 0 && !entries.includes(marker)) {
    throw new OperatorError(`the demo's folder ${path} holds other things; give another with --out`);
  }
  const { key, tape, hops, reports } = namesIn(full);
  for (const own of [key, tape, hops.old, hops.new, reports.plain, reports.faults]) {
    rmSync(own, { recursive: true, force: true });
  }
}
