import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { OperatorError, reasonOf } from "../base/index.js";
import type { RunReader, RunSummary } from "../tape/index.js";
import { renderHtml } from "./html.js";
import { renderJson } from "./json.js";
import { renderJunit } from "./junit.js";

/** Where the reports of a run are. Absolute paths. */
export interface WrittenReports {
  html: string;
  json: string;
  junit: string;
}

/**
 * Writes `report.html`, `report.json` and `junit.xml` into a folder, made if missing. Each file is there whole or as it
 * was before. Throws an OperatorError when the folder cannot be written.
 */
export function writeReports(folder: string, summary: RunSummary, run: RunReader): WrittenReports {
  const path = (name: string) => join(resolve(folder), name);
  const written = { html: path("report.html"), json: path("report.json"), junit: path("junit.xml") };
  try {
    mkdirSync(folder, { recursive: true });
    writeWhole(written.json, renderJson(summary));
    writeWhole(written.junit, renderJunit(summary, run));
    writeWhole(written.html, renderHtml(summary, run));
  } catch (thrown) {
    if (!isFromFileSystem(thrown)) throw thrown;
    const message = `cannot write reports into "${folder}": ${reasonOf(thrown)}; name another folder with --report`;
    throw new OperatorError(message, { cause: thrown });
  }
  return written;
}

function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}.draft`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (thrown) {
    rmSync(draft, { force: true });
    throw thrown;
  }
}

function isFromFileSystem(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown;
}
