import assert from "node:assert/strict";
import { test } from "node:test";
import { curlTlsOptions } from "../../../tape/index.js";

test("files of TLS become options of curl, each file one word of a shell", () => {
  assert.deepEqual(curlTlsOptions(), []);
  assert.deepEqual(curlTlsOptions({ ca: "ca.pem" }), ["--cacert ca.pem"]);
  assert.deepEqual(curlTlsOptions({ cert: "our's.pem", key: "a b.key" }), [
    "--cert 'our'\\''s.pem'",
    "--key 'a b.key'",
  ]);
});
