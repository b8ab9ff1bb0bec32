import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";
import { descriptorsOf } from "../../../replayer/compare/protobuf/descriptors.js";
import { InferredTypes } from "../../../replayer/compare/protobuf/inferred.js";
import { readFields, wireBounds } from "../../../replayer/compare/protobuf/wire.js";

const { root } = protobuf.parse(`
  syntax = "proto3";
  package shop;
  enum Size { SMALL = 0; LARGE = 1; }
  message Item { string sku = 1; bytes picture = 2; repeated int32 counts = 3; map<string, double> prices = 4; }
  message Order {
    int64 id = 1; string name = 2; bool paid = 3; Size size = 4; repeated Item items = 5; optional int32 stars = 6;
    oneof how { string card = 7; uint32 cash = 8; } sint32 balance = 9; fixed64 mark = 10; float weight = 11;
  }
  service Orders { rpc Get (Item) returns (Order); rpc Watch (Item) returns (stream Order); }
`);
root.resolveAll();
const fileDescriptorSet = descriptor.FileDescriptorSet.encode(root.toDescriptor("proto3") as never).finish();
const descriptors = descriptorsOf(fileDescriptorSet);
const order = root.lookupType("shop.Order");
const encode = (value: object) => order.encode(order.fromObject(value)).finish();
const method = "/shop.Orders/Get";
const read = (bytes: Uint8Array): unknown => JSON.parse(descriptors.toJson(method, bytes)!);

test("with descriptors a message has its names, enums, maps, integers of 64 bits", () => {
  const bytes = encode({
    ...{ id: "9007199254740993", name: "chair", paid: true, size: "LARGE", stars: 0, card: "visa", balance: -3 },
    ...{ mark: "18446744073709551615", weight: 1.5 },
    items: [{ sku: "a", picture: Buffer.of(255), counts: [1, -2], prices: { EUR: 1.25, "": 2 } }],
  });
  const text = descriptors.toJson(method, bytes)!;
  assert.match(text, /"id":9007199254740993/);
  assert.match(text, /"mark":18446744073709551615/);
  assert.deepEqual(
    { ...(JSON.parse(text) as object), id: 0, mark: 0 },
    {
      ...{ id: 0, mark: 0, name: "chair", paid: true, size: "LARGE", stars: 0, card: "visa", balance: -3, weight: 1.5 },
      items: [{ sku: "a", picture: "hex ff", counts: [1, -2], prices: { EUR: 1.25, "": 2 } }],
    },
  );
});

test("a default that is written out says no more than its absence, but where the schema tells them apart", () => {
  assert.deepEqual(read(Buffer.from("08001200", "hex")), {});
  assert.deepEqual(read(Buffer.from("3000", "hex")), { stars: 0 });
  assert.deepEqual(read(Buffer.from("3a00", "hex")), { card: "" });
});

test("a repeated number reads the same packed and unpacked; unknown fields are kept by number", () => {
  const item = (hex: string) => read(Buffer.from(`2a${(hex.length / 2).toString(16).padStart(2, "0")}${hex}`, "hex"));
  assert.deepEqual(item("1a020102"), item("18011802"));
  assert.deepEqual(read(Buffer.from("f80105", "hex")), { "#31": [5] });
});

test("bytes that do not fit the schema are not read by it, and no bytes make it throw", () => {
  assert.equal(descriptors.toJson(method, Buffer.from("0a03616263", "hex")), undefined);
  assert.equal(descriptors.toJson("/shop.Orders/None", Buffer.of()), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = descriptors.toJson(method, bytes);
      if (text !== undefined) JSON.parse(text);
    }),
    { numRuns: 2000 },
  );
});

test("what a well-known implementation writes is read back", () => {
  const value = fc.record({
    name: fc.string(),
    stars: fc.integer({ min: 1, max: 1e9 }),
    balance: fc.integer({ min: 1, max: 1e6 }),
  });
  fc.assert(
    fc.property(value, ({ name, stars, balance }) => {
      const found = read(encode({ name, stars, balance })) as Record<string, unknown>;
      assert.deepEqual([found.name ?? "", found.stars, found.balance], [name, stars, balance]);
    }),
    { numRuns: 300 },
  );
});

function inferred(...messages: object[]) {
  const types = new InferredTypes();
  const encoded = messages.map(encode);
  for (const bytes of encoded) types.observe("m", bytes);
  return { types, texts: encoded.map((bytes) => JSON.parse(types.toJson("m", bytes)!) as unknown) };
}

test("without a schema types follow from all samples: text, messages, lists", () => {
  const { types, texts } = inferred(
    { id: 5, name: "chair", items: [{ sku: "a" }, { sku: "b" }] },
    { id: 6, name: "a longer name, with words", items: [{ sku: "c", counts: [1, 300] }] },
  );
  assert.deepEqual(texts[0], { 1: 5, 2: "chair", 5: [{ 1: "a" }, { 1: "b" }] });
  // What is a list in one message is one in all, so that one element and two differ by length.
  assert.deepEqual(texts[1], { 1: 6, 2: "a longer name, with words", 5: [{ 1: "c", 3: [1, 300] }] });
  assert.deepEqual(
    types.describe("m").map(({ path, type, samples }) => `${path} ${type} ${samples}`),
    ["1 number 0", "2 string 2", "5 message 3", "5/1 string 3", "5/3 packed 1"],
  );
});

test("one sample that is no message takes the type away for all", () => {
  const types = new InferredTypes();
  const field = (content: number[]) => Uint8Array.from([0x0a, content.length, ...content]);
  assert.ok(types.observe("m", field([0x08, 0x01])));
  assert.equal(types.toJson("m", field([0x08, 0x01])), '{"1":{"1":1}}');
  assert.ok(types.observe("m", field([0xff, 0xfe, 0x80])));
  assert.equal(types.toJson("m", field([0x08, 0x01])), '{"1":"hex 0801"}');
});

test("depth, size and number of fields are bounded, and what is beyond is bytes", () => {
  let deep: Uint8Array = Uint8Array.of(0x08, 0x01);
  for (let at = 0; at < wireBounds.depth + 2 && deep.length < 128; at++)
    deep = Uint8Array.from([0x0a, deep.length, ...deep]);
  const types = new InferredTypes();
  types.observe("m", deep);
  JSON.parse(types.toJson("m", deep)!);
  assert.equal(readFields(new Uint8Array(wireBounds.messageBytes + 1)), undefined);
  assert.equal(readFields(Buffer.alloc(2 * (wireBounds.fields + 1), Buffer.of(0x08, 0x01))), undefined);
});

test("no bytes make the inference throw", () => {
  const types = new InferredTypes();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      types.observe("m", bytes);
      const text = types.toJson("m", bytes);
      if (text !== undefined) JSON.parse(text);
    }),
    { numRuns: 3000 },
  );
});
