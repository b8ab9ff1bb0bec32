import { Decompress } from "fzstd";

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
/** Largest block content (RFC 8878, section 3.1.1.2.4). */
const blockLimit = 128 * 1024;

/** Thrown inside this file's reader when the output outgrows its bound. */
export class OutputTooLarge extends Error {}

/**
 * Decodes Zstandard frames (RFC 8878). Throws {@link OutputTooLarge} before holding more than `maxBytes`, any other
 * error on damage.
 */
export function zstdDecode(bytes: Uint8Array, maxBytes: number): Uint8Array {
  // RFC 9659 bounds the window of the content coding to 8 MB; a frame may claim 2 GB, which would be allocated at once.
  const windowLimit = Math.max(maxBytes, 8 * 1024 * 1024);
  for (const windowBytes of windowsOf(bytes)) if (windowBytes > windowLimit) throw new OutputTooLarge();
  const blocks: Uint8Array[] = [];
  let outBytes = 0;
  const decoder = new Decompress((block) => {
    outBytes += block.length;
    if (outBytes > maxBytes) throw new OutputTooLarge();
    // The decoder reuses nothing it hands out, so blocks may be kept.
    blocks.push(block);
  });
  decoder.push(bytes, true);
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks, outBytes);
}

/** The window size each frame claims, in bytes; throws where the framing breaks. */
function windowsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const windows: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const magic = view.getUint32(at, true);
    if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      at += 8 + view.getUint32(at + 4, true);
    } else if (magic === frameMagic) {
      const header = frameHeaderAt(view, at);
      windows.push(header.windowBytes);
      at = afterBlocks(view, header.end) + (header.checksum ? 4 : 0);
    } else {
      throw new Error("not a zstd frame");
    }
  }
  if (at !== bytes.length) throw new Error("the last zstd frame is cut");
  return windows;
}

function frameHeaderAt(view: DataView, at: number): { windowBytes: number; end: number; checksum: boolean } {
  const descriptor = view.getUint8(at + 4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
  const sizeAt = at + 5 + (singleSegment ? 0 : 1) + dictionaryBytes;
  const windowBytes = singleSegment ? contentSize(view, sizeAt, sizeBytes) : windowSize(view.getUint8(at + 5));
  return { windowBytes, end: sizeAt + sizeBytes, checksum: (descriptor & 4) !== 0 };
}

function contentSize(view: DataView, at: number, sizeBytes: number): number {
  if (sizeBytes === 1) return view.getUint8(at);
  if (sizeBytes === 2) return view.getUint16(at, true) + 256;
  if (sizeBytes === 4) return view.getUint32(at, true);
  return Number(view.getBigUint64(at, true));
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function afterBlocks(view: DataView, start: number): number {
  let at = start;
  for (;;) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const runLength = ((header >> 1) & 3) === 1;
    at += 3 + (runLength ? 1 : header >> 3);
    if ((header & 1) === 1) return at;
  }
}

/** A valid Zstandard frame that stores the bytes in raw blocks: there is no encoder on Node 20. */
export function zstdStore(bytes: Uint8Array): Uint8Array {
  const blockCount = Math.max(1, Math.ceil(bytes.length / blockLimit));
  const framed = Buffer.alloc(4 + 1 + 8 + blockCount * 3 + bytes.length);
  framed.writeUInt32LE(frameMagic, 0);
  framed.writeUInt8(0xe0, 4); // content size in eight bytes, single segment, no checksum
  framed.writeBigUInt64LE(BigInt(bytes.length), 5);
  let at = 13;
  for (let block = 0; block < blockCount; block++) {
    const content = bytes.subarray(block * blockLimit, (block + 1) * blockLimit);
    framed.writeUIntLE((content.length << 3) | (block === blockCount - 1 ? 1 : 0), at, 3);
    framed.set(content, at + 3);
    at += 3 + content.length;
  }
  return framed;
}
