import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, gzipSync } from "node:zlib";
import { decodeContent } from "../../../message/index.js";
import { pseudonymOf } from "../../../tape/index.js";
import { bodyHeadersOf, redactBytes } from "../../../tape/redaction/body.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey, testRedaction } from "../../support/redaction.js";

const secretJson = '{"password":"hunter2"}';
const redactedJson = `{"password":"${pseudonymOf("hunter2", testKey)}"}`;

function redacted(bytes: Uint8Array | string, contentType?: string, contentEncoding?: string, isWhole = true) {
  return redactBytes(Buffer.from(bytes), { contentType, contentEncoding }, isWhole, testRedaction, new PlaceList());
}

function textOf(result: ReturnType<typeof redacted>): string {
  assert.equal(result.kind, "redacted");
  return result.kind === "redacted" ? Buffer.from(result.bytes).toString() : "";
}

test("JSON is known by its type, or by its looks where the type says nothing", () => {
  for (const type of [
    "application/json",
    "application/problem+json; charset=utf-8",
    "text/plain",
    undefined,
    "nonsense",
  ]) {
    assert.equal(textOf(redacted(secretJson, type)), redactedJson, type);
  }
  assert.equal(textOf(redacted(`\ufeff ${secretJson}`, "text/plain")), `\ufeff ${redactedJson}`);
  for (const type of ["image/png", "application/zip"]) {
    assert.equal(redacted(secretJson, type).kind, "unchanged", type);
  }
});

test("forms are redacted by field", () => {
  const form = "application/x-www-form-urlencoded";
  assert.equal(
    textOf(redacted("user=me&password=hunter2", form)),
    `user=me&password=${pseudonymOf("hunter2", testKey)}`,
  );
  assert.equal(redacted("user=me&tokens_used=5", form).kind, "unchanged");
});

test("UTF-16 is known by its charset or its looks, in either byte order", () => {
  const wide = (text: string) => Buffer.from(text, "utf16le");
  for (const [type, bytes, expected] of [
    ["application/json; charset=utf-16", wide(secretJson), wide(redactedJson)],
    ["application/json", wide(secretJson), wide(redactedJson)],
    ["text/plain", wide(`\ufeff${secretJson}`).swap16(), wide(`\ufeff${redactedJson}`).swap16()],
  ] as const) {
    const result = redacted(bytes, type);
    assert.deepEqual(result.kind === "redacted" && Buffer.from(result.bytes), expected, type);
  }
  assert.equal(redacted(wide('{"a":1}'), "application/json").kind, "unchanged");
});

test("encoded bodies are decoded, redacted and encoded the same way; without a secret they stay as they came", () => {
  for (const [coding, body] of [
    ["gzip", gzipSync(secretJson)],
    ["deflate", deflateRawSync(secretJson)],
    ["br", brotliCompressSync(secretJson)],
    ["deflate, gzip", gzipSync(deflateRawSync(secretJson))],
  ] as const) {
    const result = redacted(body, "application/json", coding);
    assert.equal(result.kind, "redacted", coding);
    const back = decodeContent(result.kind === "redacted" ? result.bytes : body, coding);
    assert.equal(back.kind === "decoded" && Buffer.from(back.bytes).toString(), redactedJson);
  }
  assert.equal(redacted(gzipSync('{"a":1}'), "application/json", "gzip").kind, "unchanged");
});

test("what may hold secrets and cannot be read whole is unreadable", () => {
  const cases: [string, ReturnType<typeof redacted>][] = [
    ["unknown coding", redacted(secretJson, "application/json", "snappy")],
    ["unknown coding, no type", redacted("\x01\x02", undefined, "snappy")],
    ["damaged gzip", redacted(gzipSync(secretJson).subarray(0, 15), "application/json", "gzip")],
    ["cut gzip", redacted(gzipSync(secretJson).subarray(0, 15), "application/json", "gzip", false)],
    ["damaged JSON", redacted('{"password":hunter2}', "application/json")],
    ["multipart without its boundary", redacted('name="pin"\r\n\r\n1', "multipart/form-data; boundary=b")],
    ["UTF-32", redacted(Buffer.from(secretJson), "application/json; charset=utf-32")],
  ];
  for (const [why, result] of cases) assert.equal(result.kind, "unreadable", why);
});

test("of a cut body what can be read is kept, without the beginning of what may be a secret", () => {
  const form = "application/x-www-form-urlencoded";
  const cut = (text: string, type: string) => textOf(redacted(text, type, undefined, false));
  assert.equal(cut('{"a":1,"password":"hun', "application/json"), '{"a":1,"password":');
  assert.equal(cut(`${secretJson.slice(0, -1)},"b":[1`, "application/json"), `${redactedJson.slice(0, -1)},"b":[1`);
  assert.equal(cut('{"password":"hunter2","pan":41111111111', "application/json").slice(-6), '"pan":');
  assert.equal(cut("a=1&password=hunter2", form), `a=1&password=${pseudonymOf("hunter2", testKey)}`);
  assert.equal(cut("the token is eyJhbGciOiJIUzI1NiJ9.eyJzdWIi", "text/plain"), "the token is ");
  assert.equal(cut("card 4111 1111, no 411111", "text/plain"), "card 4111 1111, no ");
  const gzipped = redacted(gzipSync(secretJson.slice(0, 15)), "application/json", "gzip", false);
  assert.equal(gzipped.kind, "redacted");
});

test("what cannot be read whole and names no secret is kept", () => {
  assert.equal(redacted('{"stars":5,"text":"go', "application/json", undefined, false).kind, "unchanged");
  assert.equal(redacted(gzipSync('{"stars":5'), "application/json", "gzip", false).kind, "unchanged");
  assert.equal(redacted("<html>", "application/json").kind, "unchanged");
  assert.equal(redacted("\x01\x02", "image/png", "snappy").kind, "unchanged");
  assert.equal(redacted("user=me&x", "application/x-www-form-urlencoded", undefined, false).kind, "unchanged");
});

test("type and coding are found whatever the case, repeated codings in order", () => {
  assert.deepEqual(bodyHeadersOf(["Content-Type", "a/b", "CONTENT-ENCODING", "br", "content-encoding", "gzip"]), {
    contentType: "a/b",
    contentEncoding: "br,gzip",
  });
});

test("a body that is unreadable leaves no places", () => {
  const places = new PlaceList();
  const headers = { contentType: "application/x-ndjson", contentEncoding: undefined };
  const result = redactBytes(Buffer.from('{"token":"aaa1"}\n{"token":'), headers, true, testRedaction, places);
  assert.equal(result.kind, "unreadable");
  assert.deepEqual(places.list(), []);
});
