import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { contentCodings, decodeContent, encodeContent } from "../../message/index.js";

const text = Buffer.from('{"stars":5,"text":"good, good, good, good, good"}');
/** `zstd -19` of the same text, made by the reference implementation, with checksum. */
const zstdByReference = Buffer.from("KLUv/QRoDQEA2Hsic3RhcnMiOjUsInRleHQiOiJnb29kLCAifQEARSljyBjalw==", "base64");

function decoded(body: Uint8Array, coding: string): string {
  const result = decodeContent(body, coding);
  assert.equal(result.kind, "decoded");
  return result.kind === "decoded" ? Buffer.from(result.bytes).toString() : "";
}

test("each coding is undone", () => {
  assert.equal(decoded(gzipSync(text), "gzip"), text.toString());
  assert.equal(decoded(gzipSync(text), "X-GZIP"), text.toString());
  assert.equal(decoded(deflateSync(text), "deflate"), text.toString());
  assert.equal(decoded(deflateRawSync(text), "deflate"), text.toString());
  assert.equal(decoded(brotliCompressSync(text), "br"), text.toString());
  assert.equal(decoded(zstdByReference, "zstd"), text.toString());
  assert.equal(decoded(text, "identity"), text.toString());
});

test("several codings are undone from the last applied to the first", () => {
  assert.deepEqual(contentCodings(" deflate , identity,GZIP"), ["deflate", "gzip"]);
  assert.equal(decoded(gzipSync(deflateRawSync(text)), "deflate, gzip"), text.toString());
});

test("what cannot be undone says which coding stopped it", () => {
  assert.deepEqual(decodeContent(text, "snappy"), { kind: "unknown-coding", coding: "snappy" });
  assert.deepEqual(decodeContent(text, "gzip"), { kind: "damaged", coding: "gzip" });
  assert.deepEqual(decodeContent(gzipSync(text).subarray(0, 20), "gzip"), { kind: "damaged", coding: "gzip" });
  for (const end of [1, 4, 12, zstdByReference.length - 1]) {
    assert.deepEqual(decodeContent(zstdByReference.subarray(0, end), "zstd"), { kind: "damaged", coding: "zstd" });
  }
});

test("a body that grows beyond the bound is refused before it is held", () => {
  const bomb = Buffer.alloc(4 * 1024 * 1024);
  for (const [coding, body] of [
    ["gzip", gzipSync(bomb)],
    ["deflate", deflateSync(bomb)],
    ["br", brotliCompressSync(bomb)],
    ["zstd", Buffer.from(encodeContent(bomb, "zstd", zstdByReference))],
  ] as const) {
    assert.deepEqual(decodeContent(body, coding, 1024 * 1024), { kind: "too-large", coding });
  }
});

test("a zstd frame that claims a window of 1 GB is refused without room being made for it", () => {
  // Magic, no single segment, window descriptor 2^30, then an empty last block.
  const frame = Buffer.from("28b52ffd00a0010000", "hex");
  assert.deepEqual(decodeContent(frame, "zstd"), { kind: "too-large", coding: "zstd" });
});

test("the body of a HEAD answer names a coding and has no bytes", () => {
  assert.deepEqual(decodeContent(new Uint8Array(), "gzip"), { kind: "decoded", bytes: new Uint8Array() });
});

test("encoding anew and decoding gives the same bytes, in every coding and their combinations", () => {
  const codings = fc.array(fc.constantFrom("gzip", "deflate", "br", "zstd"), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 5000 }),
      fc.uint8Array({ minLength: 1 }),
      codings,
      (bytes, original, names) => {
        fc.pre(bytes.length > 0);
        const coding = names.join(", ");
        // zlib's form stands in for "as the original came": the first encoding needs an original of its own.
        const first = names.reduce<Uint8Array>((body, name) => encodeOnce(body, name), original);
        const back = decodeContent(encodeContent(bytes, coding, first), coding);
        assert.deepEqual(back.kind === "decoded" && Buffer.from(back.bytes), Buffer.from(bytes));
      },
    ),
    { numRuns: 60 },
  );
});

test("deflate is encoded in the form the original had", () => {
  assert.deepEqual(encodeContent(text, "deflate", deflateRawSync(text)), deflateRawSync(text));
  assert.deepEqual(encodeContent(text, "deflate", deflateSync(text)), deflateSync(text));
});

test("a stored zstd frame of more than one block decodes", () => {
  const long = Buffer.alloc(300_000, "abc");
  const back = decodeContent(encodeContent(long, "zstd", zstdByReference), "zstd");
  assert.ok(back.kind === "decoded" && long.equals(back.bytes));
});

test("damaged bytes are never thrown at", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom("gzip", "deflate", "br", "zstd"), (bytes, coding) => {
      decodeContent(bytes, coding);
    }),
  );
});

function encodeOnce(body: Uint8Array, name: string): Uint8Array {
  if (name === "gzip") return gzipSync(body);
  if (name === "br") return brotliCompressSync(body);
  if (name === "deflate") return deflateSync(body);
  return encodeContent(body, "zstd", zstdByReference);
}
