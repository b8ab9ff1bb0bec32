import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { curlCommand } from "../curl/curl-command.js";
import type { Exchange } from "../exchange.js";
import { type GorLoss, gorLosses } from "../gor/records-of-exchange.js";
import { writeGor } from "../gor/write-gor.js";
import { writeHar } from "../har/write-har.js";
import type { RedactionKey } from "../redaction/index.js";
import type { Selection, TapeReader } from "../store.js";

export const exportFormats = ["har", "gor", "curl"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What is exported, and how. */
export interface ExportOptions {
  format: ExportFormat;
  /** The tape's, where it is at hand: HAR entries are sealed with it, so that they can be taken back as they are. */
  key?: RedactionKey;
  /** Default: all. */
  which?: Selection;
  gzip?: boolean;
  /** Version of what writes, for HAR's `creator`. */
  version: string;
  signal?: AbortSignal;
  onProgress?(exchanges: number): void;
}

/** What an export could not say, in words, with how many Exchanges it is about. */
export interface ExportSummary {
  exchanges: number;
  losses: readonly { inWords: string; exchanges: number }[];
}

/** Writes a tape in another format to `out`, streaming; ends `out`. Rejects when `signal` is aborted or `out` refuses. */
export async function exportTape(
  tape: TapeReader,
  out: NodeJS.WritableStream,
  options: ExportOptions,
): Promise<ExportSummary> {
  let exchanges = 0;
  const losses = new Map<GorLoss, number>();
  const counted = async function* (): AsyncGenerator<Exchange> {
    for await (const exchange of tape.read(options.which)) {
      yield exchange;
      exchanges++;
      options.onProgress?.(exchanges);
    }
  };
  const pieces = piecesOf(tape, counted(), options, (loss) => losses.set(loss, (losses.get(loss) ?? 0) + 1));
  const source = Readable.from(gathered(pieces), { objectMode: false });
  const stop = options.signal ? { signal: options.signal } : {};
  if (options.gzip) await pipeline(source, createGzip(), out, stop);
  else await pipeline(source, out, stop);
  return { exchanges, losses: Array.from(losses, ([loss, count]) => ({ inWords: gorLosses[loss], exchanges: count })) };
}

async function* piecesOf(
  tape: TapeReader,
  exchanges: AsyncIterable<Exchange>,
  { format, key, version }: ExportOptions,
  onLoss: (loss: GorLoss) => void,
): AsyncGenerator<string | Buffer> {
  switch (format) {
    case "har":
      yield* writeHar(tape, exchanges, { key, creatorVersion: version });
      return;
    case "gor":
      yield* writeGor(exchanges, onLoss);
      return;
    case "curl":
      for await (const exchange of exchanges) yield Buffer.from(curlCommand(exchange), "latin1");
  }
}

const pieceBytes = 256 * 1024;

/** Small pieces are written together. */
async function* gathered(pieces: AsyncIterable<string | Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const piece of pieces) {
    const bytes = typeof piece === "string" ? Buffer.from(piece, "utf8") : piece;
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes < pieceBytes) continue;
    yield Buffer.concat(held, heldBytes);
    held = [];
    heldBytes = 0;
  }
  if (held.length > 0) yield Buffer.concat(held, heldBytes);
}
