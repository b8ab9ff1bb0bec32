import type { CapturedFrame } from "../captured.js";
import { redactBytes } from "./body.js";
import { PlaceList } from "./places.js";
import { pseudonymOf } from "./pseudonym.js";
import { type Redaction, within } from "./rules/redaction.js";

/** Only what is needed of a frame, whatever clock its time is of. */
export type FrameSpan = Pick<CapturedFrame, "direction" | "kind" | "offset" | "length">;

const webSocketKinds: ReadonlySet<string> = new Set(["text", "binary", "ping", "pong", "close"]);

/** Whether a frame is a message by itself; others are stretches of a body that is read as a whole. */
export function isWebSocketMessage({ kind }: FrameSpan): boolean {
  return webSocketKinds.has(kind);
}

/** A body with its frames redacted, and the frames with their new offsets and lengths. */
export interface RedactedFrames<F extends FrameSpan> {
  bytes: Uint8Array;
  frames: readonly F[];
}

/**
 * Redacts the messages of one direction inside the body of that direction, each on its own. A message that was cut or is
 * damaged, and names a secret, is replaced whole. Undefined when there was nothing to replace. Places are `frame:N` (N
 * counts the frames of both directions, from 0) and a JSON Pointer.
 */
export function redactFrames<F extends FrameSpan>(
  bytes: Uint8Array,
  frames: readonly F[],
  direction: FrameSpan["direction"],
  contentType: string | undefined,
  redaction: Redaction,
  places: PlaceList,
): RedactedFrames<F> | undefined {
  const pieces: Uint8Array[] = [];
  const moved = [...frames];
  let copiedTo = 0;
  let shift = 0;
  for (const [index, frame] of frames.entries()) {
    if (frame.direction !== direction) continue;
    const offset = frame.offset + shift;
    const replaced = redactFrame(bytes, frame, index, contentType, redaction, places);
    if (replaced !== undefined) {
      pieces.push(bytes.subarray(copiedTo, frame.offset), replaced);
      copiedTo = frame.offset + frame.length;
      shift += replaced.length - frame.length;
    }
    moved[index] = { ...frame, offset, length: replaced?.length ?? frame.length };
  }
  if (copiedTo === 0) return undefined;
  pieces.push(bytes.subarray(Math.min(copiedTo, bytes.length)));
  return { bytes: Buffer.concat(pieces), frames: moved };
}

/** Before the reason of a close: RFC 6455, section 5.5.1. */
const closeCodeBytes = 2;

function redactFrame(
  body: Uint8Array,
  frame: FrameSpan,
  index: number,
  contentType: string | undefined,
  redaction: Redaction,
  places: PlaceList,
): Uint8Array | undefined {
  const codeBytes = frame.kind === "close" ? closeCodeBytes : 0;
  const start = frame.offset + codeBytes;
  const end = frame.offset + frame.length;
  if (!isWebSocketMessage(frame) || start >= Math.min(end, body.length)) return undefined;
  const message = body.subarray(start, end);
  const inMessage = new PlaceList();
  const headers = { contentType, contentEncoding: undefined };
  const placeOf = (place: string) => place.replace(/^body:?/, `frame:${index}`);
  const redacted = redactBytes(message, headers, end <= body.length, within(redaction, placeOf), inMessage);
  const code = body.subarray(frame.offset, start);
  switch (redacted.kind) {
    case "unchanged":
      return undefined;
    case "redacted":
      places.addAll(inMessage, placeOf);
      return codeBytes === 0 ? redacted.bytes : Buffer.concat([code, redacted.bytes]);
    case "unreadable":
      if (redaction.done?.places.has(`frame:${index}`) === true) return undefined;
      places.add(`frame:${index}`, "unreadable");
      return Buffer.concat([code, Buffer.from(pseudonymOf(Buffer.from(message).toString("utf8"), redaction.key))]);
  }
}
