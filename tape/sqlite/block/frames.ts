import type { CapturedFrame } from "../../captured.js";
import { frameDirections, frameKinds, wordOf } from "../../codes.js";
import type { Frame } from "../../exchange.js";
import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";

/** Frames as the bytes of one row: of each direction, kind, ns after the one before (the first: after the start), offset, length. */
export function framesToBytes(frames: readonly CapturedFrame[], startedMs: number): Uint8Array {
  const into = new ByteWriter(frames.length * 8 + 16);
  let before = 0;
  for (const { direction, kind, atMs, offset, length } of frames) {
    const afterNs = Math.round((atMs - startedMs) * 1e6);
    into.uint(frameDirections.indexOf(direction));
    into.uint(frameKinds.indexOf(kind));
    into.int(afterNs - before);
    into.uint(offset);
    into.uint(length);
    before = afterNs;
  }
  return Uint8Array.from(into.bytes);
}

/** Throws a RangeError for bytes that do not hold `count` frames. */
export function framesFromBytes(bytes: Buffer, count: number, startedNs: bigint): Frame[] {
  const from = new ByteReader(bytes);
  let afterNs = 0;
  const frames = Array.from({ length: count }, (): Frame => {
    const direction = wordOf(frameDirections, from.uint());
    const kind = wordOf(frameKinds, from.uint());
    afterNs += from.int();
    return { direction, kind, atNs: startedNs + BigInt(afterNs), offset: from.uint(), length: from.uint() };
  });
  if (from.at !== bytes.length) throw new RangeError("an Exchange has more frames than it tells of");
  return frames;
}
