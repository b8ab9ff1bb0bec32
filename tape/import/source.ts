import { createReadStream, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { reasonOf } from "../../base/index.js";
import { TapeError } from "../errors.js";

/** A file that is being imported. */
export interface Source {
  path: string;
  /** As it is on disk. */
  totalBytes: number;
  /** Read so far, as on disk. */
  readBytes(): number;
  /** Unpacked, in pieces of about a megabyte. Rejects with a TapeError of one line where it cannot be read further. */
  bytes: AsyncIterable<Buffer>;
}

export const importFormats = ["har", "gor"] as const;
export type ImportFormat = (typeof importFormats)[number];

const pieceBytes = 1 << 20;

/** Opens a file; gzip is seen by its first bytes. Throws a TapeError for what is no file. */
export function openSource(path: string): Source {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new TapeError(`cannot import "${path}": no such file`);
  if (found.isDirectory()) throw new TapeError(`cannot import "${path}": it is a folder; name files`);
  const file = createReadStream(path, { highWaterMark: pieceBytes });
  return { path, totalBytes: found.size, readBytes: () => file.bytesRead, bytes: unpacked(path, file) };
}

async function* unpacked(path: string, file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const pieces = file[Symbol.asyncIterator]();
  try {
    const first = await pieces.next();
    if (first.done) return;
    const rest = withFirst(first.value, pieces);
    yield* first.value[0] === 0x1f && first.value[1] === 0x8b ? gunzipped(rest) : rest;
  } catch (thrown) {
    throw new TapeError(`cannot import "${path}": it cannot be read any further (${reasonOf(thrown)})`, {
      cause: thrown,
    });
  } finally {
    await pieces.return?.();
  }
}

async function* withFirst(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Several gzip members one after the other are one file, as appending to it makes them. */
async function* gunzipped(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: pieceBytes });
  const feeding = feed(gunzip, pieces);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
    await feeding;
  } finally {
    gunzip.destroy();
    await feeding.catch(() => {});
  }
}

async function feed(gunzip: ReturnType<typeof createGunzip>, pieces: AsyncIterable<Buffer>): Promise<void> {
  for await (const piece of pieces) {
    if (gunzip.destroyed) return;
    if (!gunzip.write(piece)) {
      await new Promise<void>((resolve) => {
        const done = () => {
          gunzip.off("drain", done).off("close", done);
          resolve();
        };
        gunzip.once("drain", done).once("close", done);
      });
    }
  }
  gunzip.end();
}

/** Looks at the beginning of a file. Rejects with a TapeError where it is of neither format. */
export async function detectFormat(
  path: string,
  bytes: AsyncIterable<Buffer>,
): Promise<{ format: ImportFormat; bytes: AsyncIterable<Buffer> }> {
  const pieces = bytes[Symbol.asyncIterator]();
  const first = await pieces.next();
  const start: Buffer = first.done ? Buffer.alloc(0) : first.value;
  const text = start
    .toString("latin1", 0, 64)
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  const format = text.startsWith("{") ? "har" : /^[123] \S+ \d/.test(text) ? "gor" : undefined;
  if (format === undefined) {
    await pieces.return?.();
    throw new TapeError(
      `cannot import "${path}": ${start.length === 0 ? "it is empty" : `it begins with ${JSON.stringify(text.slice(0, 20))}, neither HAR nor GoReplay`}; --format says what it is`,
    );
  }
  return { format, bytes: withFirst(start, pieces) };
}
