import assert from "node:assert/strict";
import { test } from "node:test";
import { refusePseudonyms } from "../../replayer/secrets.js";

test("a plan without pseudonyms is let through", () => {
  refusePseudonyms({ redacted: new Map() });
});

test("the refusal names the most frequent place, its count and the way out", () => {
  const redacted = new Map([
    ["query:token", 2],
    ["header:authorization", 40],
  ]);
  assert.throws(() => refusePseudonyms({ redacted }), {
    name: "OperatorError",
    message:
      "refused to send pseudonyms: 40 requests have one at header:authorization (and 1 more places); give a live value with --header 'authorization: …', or leave these requests out with --skip-redacted",
  });
  assert.throws(() => refusePseudonyms({ redacted: new Map([["cookie:sid", 1]]) }), /--header 'cookie: …'/);
  assert.throws(() => refusePseudonyms({ redacted: new Map([["body:/password", 1]]) }), /password; leave these/);
});
