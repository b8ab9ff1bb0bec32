import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { TapeError } from "./errors.js";
import { orTapeError } from "./sqlite/trouble.js";
import type { SegmentDescription } from "./store.js";
import { tapePlace } from "./tape-path.js";

/** Where a new tape is written until all of it is there: beside its place, under a name that nobody reads. */
export interface TapeDraft {
  pathFor: (segment: Pick<SegmentDescription, "number">) => string;
  /** All of it is there: it gets its name. */
  finish: () => void;
  /** Whatever is left of the draft. */
  remove: () => void;
}

/**
 * A draft of a tape of so many segments at `out`, which must not be there yet. `doing` begins what is said of a trouble:
 * `redact onto`. Throws a TapeError for a place that is taken, has no folder, or is one file for several segments.
 */
export function openTapeDraft(out: string, segments: number, doing: string): TapeDraft {
  const place = tapePlace(out);
  if (existsSync(place.path)) {
    throw new TapeError(`cannot ${doing} "${out}": it is there already; name a new file or folder`);
  }
  if (place.kind === "file" && segments > 1) {
    throw new TapeError(
      `cannot ${doing} "${out}": ${segments} segments do not go onto one file; name a folder, such as "${out}/"`,
    );
  }
  const folder = dirname(place.path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TapeError(`cannot ${doing} "${out}": there is no folder "${folder}"`);
  }
  const draft = join(folder, `.${basename(place.path)}.draft-${randomBytes(6).toString("hex")}`);
  orTapeError(doing, out, () => mkdirSync(draft));
  const drafts: string[] = [];
  return {
    pathFor({ number }) {
      drafts.push(join(draft, `segment-${String(number).padStart(6, "0")}.db`));
      return drafts.at(-1)!;
    },
    finish() {
      orTapeError(doing, out, () => {
        if (place.kind === "folder") renameSync(draft, place.path);
        else linkSync(drafts[0]!, place.path);
      });
    },
    remove: () => rmSync(draft, { recursive: true, force: true }),
  };
}
