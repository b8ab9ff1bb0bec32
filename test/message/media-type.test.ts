import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isGrpcType, isJsonType, mediaType, parseMediaType, withoutParameter } from "../../message/index.js";

test("type, subtype and parameters are read whatever case, quotes and spaces", () => {
  const type = mediaType([["Content-Type", ' Multipart/Form-Data ; Boundary="a;\\"b" ; charset=UTF-8']]);
  assert.equal(type?.essence, "multipart/form-data");
  assert.deepEqual(
    [...type!.parameters],
    [
      ["boundary", 'a;"b'],
      ["charset", "UTF-8"],
    ],
  );
});

test("a message without a readable content-type has no media type", () => {
  assert.equal(mediaType([]), undefined);
  assert.equal(parseMediaType("json"), undefined);
  assert.equal(parseMediaType(""), undefined);
});

test("JSON and gRPC types are told from their likes", () => {
  assert.deepEqual(["application/json", "application/problem+json", "text/json", "application/jsonp"].map(isJsonType), [
    true,
    true,
    true,
    false,
  ]);
  assert.deepEqual(["application/grpc", "application/grpc+proto", "application/grpc-web"].map(isGrpcType), [
    true,
    true,
    false,
  ]);
});

test("any text at all is read or refused, never thrown at", () => {
  fc.assert(fc.property(fc.string(), (value) => void parseMediaType(value)));
});

test("a parameter is taken out, whatever its case and quotes; the rest stays as it was written", () => {
  assert.equal(
    withoutParameter('Multipart/Mixed; Boundary="a;b"; charset=UTF-8', "boundary"),
    "Multipart/Mixed; charset=UTF-8",
  );
  assert.equal(withoutParameter("multipart/mixed;boundary=a", "boundary"), "multipart/mixed");
  assert.equal(withoutParameter("multipart/mixed; x=boundary=a", "boundary"), "multipart/mixed; x=boundary=a");
  assert.equal(withoutParameter("text/plain", "boundary"), "text/plain");
});
