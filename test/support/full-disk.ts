import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { tempFolder } from "./temp.js";

/** A disk that can be filled, and has room again. */
export interface SmallDisk {
  readonly folder: string;
  fill(pid: number): void;
  empty(pid: number): void;
}

/** A tmpfs of so many bytes; where none can be mounted the test is skipped, and undefined is given. */
export function mountSmallDisk(t: TestContext, bytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-test-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tapeloop-test", folder], { stdio: "pipe" });
  } catch (refusal) {
    rmdirSync(folder);
    t.skip(`no tmpfs can be mounted here: ${String((refusal as { stderr?: unknown }).stderr ?? refusal).trim()}`);
    return undefined;
  }
  t.after(() => {
    execFileSync("umount", ["--lazy", folder]);
    rmdirSync(folder);
  });
  const filler = join(folder, "filler");
  return { folder, fill: () => fillUp(filler), empty: () => rmSync(filler) };
}

/**
 * No file that the process writes to may grow beyond 64 KiB: what a full disk is to it alone. With a bound of 0 there is no
 * room within a file either. Undefined, and skipped, without prlimit.
 */
export function limitedDisk(t: TestContext, bound: { fileBytes?: number } = {}): SmallDisk | undefined {
  if (!existsSync("/usr/bin/prlimit")) {
    t.skip("prlimit is not here (package util-linux)");
    return undefined;
  }
  const limit = (pid: number, bytes: string) =>
    execFileSync("/usr/bin/prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);
  return {
    folder: tempFolder(t),
    fill: (pid) => limit(pid, String(bound.fileBytes ?? 65_536)),
    empty: (pid) => limit(pid, "unlimited"),
  };
}

/** In ever smaller pieces, to the last byte. */
function fillUp(path: string): void {
  const file = openSync(path, "w");
  for (let bytes = 2 ** 16; bytes >= 1; ) {
    try {
      writeSync(file, Buffer.alloc(bytes));
    } catch {
      bytes = Math.floor(bytes / 2);
    }
  }
  closeSync(file);
}
