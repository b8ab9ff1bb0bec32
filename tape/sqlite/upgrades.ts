import type { Database } from "better-sqlite3";
import { TapeError } from "../errors.js";
import type { FileKind } from "./format.js";
import { databaseFrom } from "./memory-copy.js";

/** Brings a file from one format version to the next: changes tables and rows, not `user_version`. */
export interface UpgradeStep {
  from: number;
  apply(db: Database): void;
}

/**
 * One step for each version that is past, oldest first, by kind of file. Version 1 is the first there is, so both lists
 * are empty; the change that makes version 2 adds the step from 1.
 */
export const upgradeSteps: Readonly<Record<string, readonly UpgradeStep[]>> = { tape: [], run: [] };

/**
 * The database in the format version of its kind. One of an older version is copied into memory and upgraded there, step
 * by step: the file is evidence and stays as it is.
 */
export function upgradedForReading(
  db: Database,
  path: string,
  kind: FileKind,
  version: number,
  steps: readonly UpgradeStep[] = upgradeSteps[kind.name] ?? [],
): Database {
  if (version === kind.formatVersion) return db;
  const needed = steps.filter((step) => step.from >= version);
  if (needed[0]?.from !== version) {
    throw new TapeError(
      `cannot open ${kind.name} "${path}": format version ${version}, this tapeloop reads ${steps[0]?.from ?? kind.formatVersion} to ${kind.formatVersion}`,
    );
  }
  const copy = databaseFrom(db.serialize());
  db.close();
  for (const step of needed) step.apply(copy);
  copy.pragma("query_only = 1");
  return copy;
}
