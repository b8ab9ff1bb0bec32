import assert from "node:assert/strict";
import { test } from "node:test";
import { multipartMayHoldSecrets } from "../../../tape/redaction/multipart.js";

const part = (headers: string, body: string) =>
  `--b\r\nContent-Disposition: form-data; ${headers}\r\n\r\n${body}\r\n--b--\r\n`;

test("a part named like a secret, or JSON in a part that names one, is seen", () => {
  assert.equal(multipartMayHoldSecrets(part('name="password"', "hunter2")), true);
  assert.equal(multipartMayHoldSecrets(part("name=api_key", "k")), true);
  assert.equal(multipartMayHoldSecrets(part('name="meta"', '{"token":"x"}')), true);
});

test("other parts hold none", () => {
  assert.equal(multipartMayHoldSecrets(part('name="photo"; filename="token.png"', "password")), false);
});
