import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldValue, forwardedFields } from "../../../recorder/forward/forwarded-fields.js";

test("fields of one connection stay, all others go on in order with their repeats", () => {
  const fields = [
    ...["Host", "a", "Connection", "keep-alive, X-Hop", "X-Hop", "1", "X-B", "1", "Keep-Alive", "timeout=5"],
    ...["x-b", "2", "Proxy-Connection", "x", "Upgrade", "h2c", "HTTP2-Settings", "AAM", "Transfer-Encoding", "chunked"],
    ...["Authorization", "Bearer t", "Proxy-Authorization", "Basic x"],
  ];
  assert.deepEqual(forwardedFields(fields, true), [
    ...["Host", "a", "X-B", "1", "x-b", "2", "Authorization", "Bearer t", "Proxy-Authorization", "Basic x"],
  ]);
});

test("te: trailers goes on, though Connection names it; other codings do not", () => {
  assert.deepEqual(forwardedFields(["TE", "trailers", "Connection", "TE"], true), ["TE", "trailers"]);
  assert.deepEqual(forwardedFields(["TE", "gzip"], true), []);
});

test("trailer goes on where trailers can follow", () => {
  assert.deepEqual(forwardedFields(["Trailer", "x"], true), ["Trailer", "x"]);
  assert.deepEqual(forwardedFields(["Trailer", "x"], false), []);
});

test("a transfer coding besides chunked goes on, for the body is passed on in it", () => {
  assert.deepEqual(forwardedFields(["Transfer-Encoding", "gzip, chunked"], true), [
    "Transfer-Encoding",
    "gzip, chunked",
  ]);
});

test("a field's first value is found whatever the case of its name", () => {
  assert.equal(fieldValue(["A", "1", "LINK", "2", "link", "3"], "link"), "2");
  assert.equal(fieldValue(["A", "1"], "link"), undefined);
});
