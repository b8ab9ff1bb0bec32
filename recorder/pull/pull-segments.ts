import { statSync } from "node:fs";
import { OperatorError } from "../../base/index.js";
import { SealedSegments, SegmentDraft } from "../../tape/index.js";
import type { OfferedSegment } from "../admin/segment-pages.js";
import { AdminClient } from "./admin-client.js";

/** What is pulled, from where and to where. */
export interface PullRequest {
  /** `HOST:PORT` of a recorder's admin port. */
  address: string;
  /** Gets the copies; made when it is missing. */
  folder: string;
  token?: string;
  /** Have the recorder seal its open segment first, so that all it has stored by now comes along. */
  seal?: boolean;
  signal?: AbortSignal;
  onProgress?(progress: PullProgress): void;
}

export interface PullProgress {
  segment: number;
  segments: number;
  bytes: number;
  totalBytes: number;
}

/** What became of the segments that a recorder offered. */
export interface PullSummary {
  /** Paths of those that are new here. */
  pulled: readonly string[];
  /** Bytes that came over the wire. */
  bytes: number;
  /** Here already. */
  present: number;
  /** Deleted by its recorder's retention before it was copied, or just being pulled by another process. */
  leftOut: number;
}

/**
 * Copies the sealed segments of a recorder's tape into a folder: those that are not there yet, each in one step when it is
 * whole and its SHA-256 is right. What was interrupted is gone on with. Rejects with an OperatorError for a recorder that
 * cannot be reached or refuses, for a file in place of the folder, for a tape of another redaction key, and for a copy that is damaged twice.
 */
export async function pullSegments(request: PullRequest): Promise<PullSummary> {
  if (statSync(request.folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new OperatorError(`cannot pull into "${request.folder}": it is a file; name a folder, old or new`);
  }
  const recorder = new AdminClient(request);
  if (request.seal) await recorder.seal();
  const offered = await recorder.segments();
  const here = new SealedSegments(request.folder);
  await refuseOtherKey(request, offered, here);
  const summary = { pulled: [] as string[], bytes: 0, present: 0, leftOut: 0 };
  for (const [index, segment] of offered.entries()) {
    if (request.signal?.aborted) break;
    const progress = (bytes: number) =>
      request.onProgress?.({ segment: index + 1, segments: offered.length, bytes, totalBytes: segment.bytes });
    const became = await pullOne(segment, { recorder, here, folder: request.folder, progress });
    if (became.kind === "present") summary.present++;
    else if (became.kind === "left-out") summary.leftOut++;
    else {
      summary.pulled.push(became.path);
      summary.bytes += became.bytes;
    }
  }
  return summary;
}

interface Pulling {
  recorder: AdminClient;
  here: SealedSegments;
  folder: string;
  progress(bytes: number): void;
}

type Became = { kind: "pulled"; path: string; bytes: number } | { kind: "present" } | { kind: "left-out" };

const tries = 2;

async function pullOne(segment: OfferedSegment, pulling: Pulling): Promise<Became> {
  let bytes = 0;
  for (let left = tries; left > 0; left--) {
    if (await isHere(segment, pulling.here)) return { kind: "present" };
    const draft = SegmentDraft.open(pulling.folder, segment.id);
    if (!draft) return { kind: "left-out" };
    const copied = await copy(segment, draft, pulling);
    if (copied.kind === "gone") return { kind: "left-out" };
    bytes += copied.bytes;
    if (copied.kind === "whole") {
      // Another process may have brought it in between the look and the lock.
      if (await isHere(segment, pulling.here)) {
        draft.discard();
        return { kind: "present" };
      }
      return { kind: "pulled", path: draft.finish(segment.number), bytes };
    }
    draft.discard();
  }
  throw new OperatorError(
    `cannot pull segment ${segment.number} (${segment.id}): its copy was damaged ${tries} times; look at the recorder's disk and the network`,
  );
}

async function isHere({ id }: OfferedSegment, here: SealedSegments): Promise<boolean> {
  return (await here.list()).some((one) => one.id === id);
}

type Copied = { kind: "whole" | "damaged"; bytes: number } | { kind: "gone" };

async function copy(segment: OfferedSegment, draft: SegmentDraft, { recorder, progress }: Pulling): Promise<Copied> {
  let bytes = 0;
  try {
    if (draft.bytes < segment.bytes) {
      const pieces = await recorder.bytesOf(segment.id, draft.bytes);
      if (!pieces) {
        draft.discard();
        return { kind: "gone" };
      }
      for await (const piece of pieces) {
        draft.append(piece);
        bytes += piece.length;
        progress(draft.bytes);
      }
    }
    const isWhole = draft.bytes === segment.bytes && (await draft.hash()) === (await recorder.hashOf(segment.id));
    return { kind: isWhole ? "whole" : "damaged", bytes };
  } catch (thrown) {
    draft.leave();
    throw thrown;
  }
}

async function refuseOtherKey(
  { address, folder }: PullRequest,
  offered: readonly OfferedSegment[],
  here: SealedSegments,
): Promise<void> {
  const first = (await here.list())[0] ?? offered[0];
  const other = offered.find(({ keyId }) => keyId !== first?.keyId);
  if (!first || !other) return;
  throw new OperatorError(
    `cannot pull from ${address} into ${folder}: redaction keys ${other.keyId} and ${first.keyId} differ, so equal secrets would not be equal; pull into another folder`,
  );
}
