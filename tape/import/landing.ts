import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { TapeError } from "../errors.js";
import type { RedactionKey } from "../redaction/index.js";
import { adoptSegment } from "../sqlite/adopt-segment.js";
import { openAlreadyHere } from "../sqlite/already-here.js";
import { listSegments } from "../sqlite/segment-folder.js";
import { openTape } from "../sqlite/tape-reader.js";
import { orTapeError } from "../sqlite/trouble.js";
import { type TapePlace, tapePlace } from "../tape-path.js";

/** Where what is imported is written until all of it is there: beside its place, under a name that nobody reads. */
export interface Landing {
  draft: TapePlace;
  /** Whether the tape holds an Exchange already, by its recorder's incarnation and its sequence. */
  holds(incarnation: string, sequence: number): boolean;
  /** Puts all of it in its place; a folder gets further segments. Gives the paths. */
  finish(): string[];
  /** Leaves nothing behind. */
  abandon(): void;
}

/**
 * Opens a landing for `target`: a folder, old or new, or a file that is not there yet: what is on a tape is never changed.
 * Rejects with a TapeError for a file that is there, and for a folder recorded with another key.
 */
export async function openLanding(target: string, key: RedactionKey): Promise<Landing> {
  const place = tapePlace(target);
  const suffix = `import-${randomBytes(6).toString("hex")}`;
  return place.kind === "file" ? fileLanding(place.path, suffix) : await folderLanding(place.path, suffix, key);
}

function fileLanding(path: string, suffix: string): Landing {
  if (existsSync(path)) {
    throw new TapeError(
      `cannot import into "${path}": it is there already; name a new file, or a folder to add segments to`,
    );
  }
  const folder = dirname(path);
  if (!existsSync(folder)) throw new TapeError(`cannot import into "${path}": there is no folder "${folder}"`);
  const draft = `${path}.${suffix}`;
  return {
    draft: { kind: "file", path: draft },
    holds: () => false,
    finish() {
      if (!existsSync(draft)) return [];
      orTapeError("import into", path, () => linkSync(draft, path));
      rmSync(draft);
      return [path];
    },
    abandon() {
      for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(draft + end, { force: true });
    },
  };
}

async function folderLanding(folder: string, suffix: string, key: RedactionKey): Promise<Landing> {
  const isTape = existsSync(folder) && listSegments(folder).length > 0;
  if (isTape) await refuseOtherKey(folder, key);
  const draft = join(folder, `.${suffix}`);
  const isNew = !existsSync(folder);
  orTapeError("import into", folder, () => mkdirSync(draft, { recursive: true }));
  const here = openAlreadyHere(isTape ? listSegments(folder) : []);
  const end = () => {
    here.close();
    rmSync(draft, { recursive: true, force: true });
    if (isNew && existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  };
  return {
    draft: { kind: "folder", path: draft },
    holds: (incarnation, sequence) => here.has(incarnation, sequence),
    finish() {
      const paths = listSegments(draft).map((path) => adoptSegment(path, folder, { renumber: true }));
      end();
      return paths;
    },
    abandon: end,
  };
}

async function refuseOtherKey(folder: string, key: RedactionKey): Promise<void> {
  const tape = await openTape([folder]);
  const { keyId } = tape;
  await tape.close();
  if (keyId === key.id) return;
  throw new TapeError(
    `cannot import into "${folder}": it was recorded with redaction key ${keyId}, this import has ${key.id}; give the same --redaction-key or another tape`,
  );
}
