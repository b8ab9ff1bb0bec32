import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, gzipSync } from "node:zlib";
import { decodeContent } from "../../../message/index.js";
import { pseudonymOf } from "../../../tape/index.js";
import { bodyHeadersOf, redactBytes } from "../../../tape/redaction/body.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { testKey } from "../../support/redaction.js";

const secretJson = '{"password":"hunter2"}';
const redactedJson = `{"password":"${pseudonymOf("hunter2", testKey)}"}`;

function redacted(bytes: Uint8Array | string, contentType?: string, contentEncoding?: string, isWhole = true) {
  return redactBytes(Buffer.from(bytes), { contentType, contentEncoding }, isWhole, testKey, new PlaceList());
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
  for (const type of ["text/html", "application/grpc", "image/png"]) {
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
    ["whole gzip of cut JSON", redacted(gzipSync(secretJson.slice(0, 15)), "application/json", "gzip", false)],
    ["gzip that may go on", redacted(gzipSync(secretJson), "application/json", "gzip", false)],
    ["cut JSON", redacted(secretJson.slice(0, 15), "application/json", undefined, false)],
    ["cut form", redacted("password=hun", "application/x-www-form-urlencoded", undefined, false)],
    ["damaged JSON", redacted('{"password":hunter2}', "application/json")],
    [
      "multipart",
      redacted('--b\r\nContent-Disposition: form-data; name="pin"\r\n\r\n1', "multipart/form-data; boundary=b"),
    ],
    ["UTF-16 by charset", redacted(Buffer.from(secretJson, "utf16le"), "application/json; charset=utf-16")],
    ["UTF-16 by its looks", redacted(Buffer.from(secretJson, "utf16le"), "application/json")],
  ];
  for (const [why, result] of cases) assert.equal(result.kind, "unreadable", why);
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
  const result = redactBytes(Buffer.from('{"token":"a1"}\n{"token":'), headers, true, testKey, places);
  assert.equal(result.kind, "unreadable");
  assert.deepEqual(places.list(), []);
});
