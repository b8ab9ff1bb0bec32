import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { BodyShelfDraft, ReadShelf } from "../../../tape/sqlite/block/body-shelf.js";
import { ByteReader } from "../../../tape/sqlite/block/byte-reader.js";
import { ByteWriter } from "../../../tape/sqlite/block/byte-writer.js";
import { isPackable, packBytes, unpackBytes } from "../../../tape/sqlite/block/compression.js";
import { framesFromBytes, framesToBytes } from "../../../tape/sqlite/block/frames.js";
import { KnownBodies } from "../../../tape/sqlite/block/known-bodies.js";
import { looksRandom } from "../../../tape/sqlite/block/looks-random.js";
import { Packer } from "../../../tape/sqlite/block/packer.js";
import { SequenceSet } from "../../../tape/sqlite/block/sequence-set.js";

test("numbers, text and bytes come back as they were written", () => {
  const item = fc.oneof(
    fc.maxSafeNat().map((value) => ({ kind: "uint", value }) as const),
    fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }).map((value) => ({ kind: "int", value }) as const),
    fc.uint8Array({ maxLength: 40 }).map((value) => ({ kind: "raw", value }) as const),
    fc.uint8Array({ maxLength: 40 }).map((value) => ({ kind: "latin1", value }) as const),
  );
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const into = new ByteWriter(1);
      for (const { kind, value } of items) {
        if (kind === "latin1") into.latin1(Buffer.from(value).toString("latin1"));
        else if (kind === "raw") into.raw(value);
        else into[kind](value);
      }
      const from = new ByteReader(Buffer.from(into.bytes));
      for (const { kind, value } of items) {
        if (kind === "uint" || kind === "int") assert.equal(from[kind](), value);
        else if (kind === "raw") assert.deepEqual(Buffer.from(from.raw(value.length)), Buffer.from(value));
        else assert.equal(from.latin1(value.length), Buffer.from(value).toString("latin1"));
      }
      assert.equal(from.at, into.usedBytes);
    }),
  );
});

test("bytes that end too early, or hold a number that is too large, are refused", () => {
  assert.throws(() => new ByteReader(Buffer.of(0x80)).uint(), RangeError);
  assert.throws(() => new ByteReader(Buffer.alloc(12, 0xff)).uint(), RangeError);
  assert.throws(() => new ByteReader(Buffer.of(1)).raw(2), RangeError);
  assert.throws(() => new ByteReader(Buffer.of(1)).latin1(2), RangeError);
  assert.throws(() => new ByteReader(Buffer.of(1), 0, 2), RangeError);
});

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 3000 }))
    .map(([piece, times]) => new Uint8Array(Buffer.concat(Array.from({ length: times }, () => piece)))),
);

test("what was packed is unpacked to the same bytes and never takes more, with a dictionary and without", () => {
  fc.assert(
    fc.property(someBytes, fc.option(fc.uint8Array({ minLength: 1, maxLength: 600 })), (plain, given) => {
      const dictionary = given ?? undefined;
      const packed = packBytes(plain, dictionary);
      assert.ok(packed.bytes.length <= plain.length);
      assert.deepEqual(Buffer.from(unpackBytes(packed, plain.length, dictionary)), Buffer.from(plain));
    }),
  );
});

test("bytes that are not what was packed are refused", () => {
  for (const length of [1000, 100_000]) {
    const plain = Buffer.from("ab".repeat(length / 2));
    const packed = packBytes(plain);
    assert.ok(packed.bytes.length < length / 4);
    assert.throws(() => unpackBytes(packed, length - 1));
    assert.throws(() => unpackBytes(packed, length + 1), RangeError);
    assert.throws(() => unpackBytes({ ...packed, codec: 9 }, length), RangeError);
    assert.throws(() => unpackBytes({ ...packed, bytes: Buffer.alloc(50, 0xff) }, length));
  }
  const packed = packBytes(Buffer.from("abc".repeat(90)), Buffer.from("abc".repeat(10)));
  assert.throws(() => unpackBytes(packed, 270), RangeError);
});

test("what is random already is told from what will pack", () => {
  const text = Buffer.from(JSON.stringify(Array.from({ length: 300 }, (_, at) => ({ at, name: `name ${at}` }))));
  assert.deepEqual([looksRandom(text), isPackable(text)], [false, true]);
  assert.deepEqual([looksRandom(randomBytes(8000)), isPackable(randomBytes(8000))], [true, false]);
  assert.equal(looksRandom(randomBytes(20)), false);
});

test("short runs that come one by one are packed with a dictionary of those before them", () => {
  const dictionaries: Uint8Array[] = [];
  const packer = new Packer((bytes) => dictionaries.push(Uint8Array.from(bytes)));
  const runs = Array.from({ length: 40 }, (_, at) =>
    Buffer.from(
      JSON.stringify({
        order: at,
        items: ["lamp", "chair", "table", "sofa"],
        city: "Lagos",
        paid: at % 2 === 0,
      }).repeat(3),
    ),
  );
  const packed = runs.map((run) => packer.pack(run));
  assert.equal(dictionaries.length, 1);
  for (const [at, run] of runs.entries()) {
    const { dictionary } = packed[at]!;
    const found = dictionary === null ? undefined : dictionaries[dictionary - 1];
    assert.deepEqual(Buffer.from(unpackBytes(packed[at]!, run.length, found)), run);
  }
  assert.ok(packed.at(-1)!.bytes.length * 2 < packed[0]!.bytes.length, "a dictionary halves it at least");
  packer.forget();
  assert.equal(packer.pack(runs[0]!).dictionary, null);
});

test("bodies of a shelf come back with their hashes, and one that is not there is not", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1 }), (bodies) => {
      const draft = new BodyShelfDraft();
      for (const [at, body] of bodies.entries()) {
        assert.equal(draft.add(body, { hash: Buffer.alloc(16, at), check: 0 }), at);
      }
      const { directory, plain } = draft.take();
      const shelf = new ReadShelf(Buffer.from(directory), Buffer.from(plain));
      for (const [at, body] of bodies.entries()) {
        assert.deepEqual(shelf.body(at), { bytes: body, hash: Buffer.alloc(16, at).toString("hex") });
      }
      assert.equal(shelf.body(bodies.length), undefined);
      assert.throws(() => new ReadShelf(Buffer.from(directory), Buffer.from(plain.subarray(1))), RangeError);
    }),
  );
});

const identity = (number: number) => {
  const hash = Buffer.alloc(16);
  hash.writeUInt32LE(number, 0);
  hash.writeUInt32LE(number * 7, 4);
  return { hash, check: 0 };
};

test("bodies are known by hash and check, thousands of them, until they are taken back", () => {
  const known = new KnownBodies();
  for (let number = 0; number < 5000; number++) known.add(identity(number), number + 10);
  known.commit();
  known.add(identity(6000), 1);
  known.add(identity(6001), 2);
  known.discard();
  assert.equal(known.find(identity(6000)), undefined);
  for (let number = 0; number < 5000; number++) assert.equal(known.find(identity(number)), number + 10);
  assert.equal(known.find({ ...identity(17), check: 5 }), undefined);
  known.add(identity(6000), 3);
  assert.equal(known.find(identity(6000)), 3);
});

test("the oldest of very many bodies are forgotten, the latest never", () => {
  const known = new KnownBodies();
  const many = 2 ** 19 + 10;
  for (let number = 0; number < many; number++) {
    known.add(identity(number), number);
    if (number % 1000 === 0) known.commit();
  }
  assert.equal(known.find(identity(0)), undefined);
  for (let number = many - 2 ** 18; number < many; number += 997) assert.equal(known.find(identity(number)), number);
});

test("sequences are there from when they are added, and gone when that is taken back", () => {
  const set = new SequenceSet();
  const sequences = [0, 1, 31, 32, 32_767, 32_768, 2 ** 40, Number.MAX_SAFE_INTEGER];
  for (const sequence of sequences) set.add(sequence);
  set.commit();
  set.add(5);
  set.add(2 ** 41);
  assert.ok(set.has(5) && set.has(2 ** 41));
  set.discard();
  assert.ok(!set.has(5) && !set.has(2 ** 41) && !set.has(33));
  for (const sequence of sequences) assert.ok(set.has(sequence), `${sequence}`);
});

test("frames come back as they were, and other bytes are refused", () => {
  const frame = fc.record({
    direction: fc.constantFrom("to-server" as const, "to-client" as const),
    kind: fc.constantFrom("text" as const, "close" as const),
    atMs: fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
    offset: fc.maxSafeNat(),
    length: fc.maxSafeNat(),
  });
  fc.assert(
    fc.property(fc.array(frame), (frames) => {
      const bytes = Buffer.from(framesToBytes(frames, 0));
      const expected = frames.map(({ atMs, ...rest }) => ({ ...rest, atNs: 100n + BigInt(atMs) * 1_000_000n }));
      assert.deepEqual(framesFromBytes(bytes, frames.length, 100n), expected);
      assert.throws(() => framesFromBytes(bytes, frames.length + 1, 100n), RangeError);
    }),
  );
});
