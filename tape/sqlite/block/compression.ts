import { brotliCompressSync, brotliDecompressSync, constants, deflateRawSync, inflateRawSync } from "node:zlib";

/** How packed bytes are written. The number is its code in the columns `codec`. */
const codec = { plain: 0, deflateRaw: 1, deflateRawWithDictionary: 2, brotli: 3 } as const;

export interface PackedBytes {
  codec: number;
  bytes: Uint8Array;
}

// Below this deflate saves less than its own time is worth; what is smaller by less than a tenth is kept as it is, too.
const smallestBytes = 96;
const worthwhile = 0.9;

// What is long enough goes through Brotli at its fastest, which takes a third of the time of deflate at its own for the
// same result. It takes no dictionary, and for little it is slower.
const longBytes = 8192;
const brotliOptions = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 0, [constants.BROTLI_PARAM_LGWIN]: 18 },
  chunkSize: 16 * 1024,
};
// Half the time of deflating little is to make the tables, so it gets small ones: the result is as small.
const deflateOptions = { level: 1, windowBits: 13, memLevel: 5, chunkSize: 4096 };

const triedBytes = 4096;

/** Packs bytes; with a dictionary (bytes like them that came before) little takes a fraction of what it takes alone. */
export function packBytes(plain: Uint8Array, dictionary?: Uint8Array): PackedBytes {
  if (plain.length < smallestBytes && dictionary === undefined) return unpackedBytes(plain);
  const packed = codedBytes(plain, dictionary);
  return packed.bytes.length > plain.length * worthwhile ? unpackedBytes(plain) : packed;
}

/** Tries a beginning: a picture or what is compressed already needs not be deflated whole to see that it is for nothing. */
export function isPackable(plain: Uint8Array): boolean {
  const beginning = plain.subarray(0, triedBytes);
  return codedBytes(beginning).bytes.length <= beginning.length * worthwhile;
}

/** Bytes as they are. */
export function unpackedBytes(plain: Uint8Array): PackedBytes {
  return { codec: codec.plain, bytes: plain };
}

function codedBytes(plain: Uint8Array, dictionary?: Uint8Array): PackedBytes {
  if (dictionary !== undefined) {
    const bytes = deflateRawSync(plain, { level: 1, dictionary, chunkSize: 4096 });
    return { codec: codec.deflateRawWithDictionary, bytes };
  }
  if (plain.length >= longBytes) return { codec: codec.brotli, bytes: brotliCompressSync(plain, brotliOptions) };
  return { codec: codec.deflateRaw, bytes: deflateRawSync(plain, deflateOptions) };
}

/** Throws a RangeError for a codec not known here and for bytes that do not give `plainBytes` bytes. */
export function unpackBytes({ codec: code, bytes }: PackedBytes, plainBytes: number, dictionary?: Uint8Array): Buffer {
  const plain = unpacked(code, bytes, plainBytes, dictionary);
  if (plain.length !== plainBytes) {
    throw new RangeError(`${plain.length} bytes were packed where ${plainBytes} are told of`);
  }
  return plain;
}

function unpacked(code: number, bytes: Uint8Array, plainBytes: number, dictionary: Uint8Array | undefined): Buffer {
  if (code === codec.plain) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // One chunk for all of it: putting several together costs a copy.
  const options = { maxOutputLength: Math.max(1, plainBytes), chunkSize: Math.max(64, plainBytes + 1) };
  if (code === codec.deflateRaw) return inflateRawSync(bytes, options);
  if (code === codec.brotli) return unbrotli(bytes, options);
  if (code !== codec.deflateRawWithDictionary) throw new RangeError(`codec ${code} of packed bytes is not known`);
  if (dictionary === undefined) throw new RangeError("the dictionary of packed bytes is not in its segment");
  return inflateRawSync(bytes, { ...options, dictionary });
}

/** What it throws for damaged bytes tells neither what nor of which kind it is. */
function unbrotli(bytes: Uint8Array, options: { maxOutputLength: number; chunkSize: number }): Buffer {
  try {
    return brotliDecompressSync(bytes, options);
  } catch (thrown) {
    throw new RangeError("packed bytes cannot be unpacked", { cause: thrown });
  }
}
