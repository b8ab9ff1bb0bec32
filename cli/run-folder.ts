import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError, reasonOf } from "../base/index.js";
import { fileKindAt, openRun } from "../tape/index.js";

/**
 * Gives the folder for a report, made if missing, or one that goes when the run is over. Where the run is refused, a
 * report's folder is left as it was: no run file without a result, and the run that was there before. A `run.db` that is no
 * run is refused before anything is done.
 */
export async function inRunFolder<T>(report: string | undefined, use: (folder: string) => Promise<T>): Promise<T> {
  if (report !== undefined) return inReportFolder(report, use);
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-run-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inReportFolder<T>(report: string, use: (folder: string) => Promise<T>): Promise<T> {
  const isNew = !existsSync(report);
  makeFolder(report);
  const runPath = join(report, "run.db");
  const before = `${runPath}.before-${process.pid}`;
  if (existsSync(runPath)) {
    if (fileKindAt(runPath)?.name !== "run") throw notARun(runPath);
    renameSync(runPath, before);
  }
  try {
    return await use(report);
  } catch (thrown) {
    if (thrown instanceof OperatorError && thrown.exitCode === 2 && !hasResult(runPath)) {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(runPath + suffix, { force: true });
      if (existsSync(before)) renameSync(before, runPath);
      if (isNew) removeEmpty(report);
    }
    throw thrown;
  } finally {
    rmSync(before, { force: true });
  }
}

function makeFolder(report: string): void {
  try {
    mkdirSync(report, { recursive: true });
  } catch (cause) {
    throw new OperatorError(`cannot make the report's folder ${report}: ${reasonOf(cause)}`, { cause });
  }
}

function notARun(path: string): OperatorError {
  return new OperatorError(`cannot create run "${path}": it is there already and is no run file; name another folder`);
}

function hasResult(path: string): boolean {
  try {
    const run = openRun(path);
    try {
      return run.summary() !== undefined;
    } finally {
      run.close();
    }
  } catch {
    return false; // none was made, or not all of it is there
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {} // something else came into it
}
