import { EventSpans, GrpcSpans, type SpanFinder } from "../../../message/index.js";
import type { FrameSpan } from "../frames.js";

/** How the frames of a kind are found in a body; others are moved with what stands around them. */
const finders: ReadonlyMap<string, () => SpanFinder> = new Map<string, () => SpanFinder>([
  ["message", () => new GrpcSpans()],
  ["event", () => new EventSpans()],
]);

/**
 * The frames of one direction where they stand in a body after redaction, which keeps their number. Most secrets have
 * pseudonyms of their own length, so that nothing moves.
 */
export function movedFrames<F extends FrameSpan>(
  frames: readonly F[],
  direction: FrameSpan["direction"],
  before: Uint8Array,
  after: Uint8Array,
): readonly F[] {
  if (before.length === after.length) return frames;
  const found = new Map<string, readonly { offset: number; length: number }[]>();
  const spansOf = (kind: string) => {
    if (!found.has(kind)) found.set(kind, finders.get(kind)?.().push(after) ?? []);
    return found.get(kind)!;
  };
  const counts = new Map<string, number>();
  return frames.map((frame) => {
    if (frame.direction !== direction) return frame;
    const number = counts.get(frame.kind) ?? 0;
    counts.set(frame.kind, number + 1);
    return { ...frame, ...(spansOf(frame.kind)[number] ?? spanAround(frame, before, after)) };
  });
}

/** By where both bodies are still the same, seen from either end. */
function spanAround({ offset, length }: FrameSpan, before: Uint8Array, after: Uint8Array) {
  const moved = (at: number) => {
    if (at <= commonPrefix(before, after)) return at;
    return Math.max(0, Math.min(after.length, at + after.length - before.length));
  };
  const start = moved(offset);
  return { offset: start, length: Math.max(0, moved(offset + length) - start) };
}

function commonPrefix(before: Uint8Array, after: Uint8Array): number {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  return at;
}
