import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { failureReasonOf, ownShortage } from "../../../replayer/send/failure-reason.js";

const withCode = (code: string) => Object.assign(new Error(code), { code });

test("codes of Node, undici and OpenSSL become one word", () => {
  const table: [string, string][] = [
    ["ECONNREFUSED", "refused"],
    ["ECONNRESET", "reset"],
    ["UND_ERR_SOCKET", "reset"],
    ["ERR_HTTP2_STREAM_ERROR", "reset"],
    ["ETIMEDOUT", "timed-out"],
    ["ENOTFOUND", "unresolved-host"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
    ["CERT_HAS_EXPIRED", "tls"],
    ["HPE_INVALID_CONSTANT", "protocol"],
  ];
  for (const [code, reason] of table) assert.equal(failureReasonOf(withCode(code)), reason, code);
  assert.equal(failureReasonOf(new Error("no code")), "protocol");
});

test("of a name with several addresses the first error tells", () => {
  assert.equal(failureReasonOf(new AggregateError([withCode("ECONNREFUSED"), withCode("ENETUNREACH")])), "refused");
});

test("being out of descriptors or ports is the operator's to know, not the target's answer", () => {
  for (const code of ["EMFILE", "ENFILE", "EADDRNOTAVAIL"]) {
    const error = ownShortage(withCode(code), "http://a");
    assert.ok(error instanceof OperatorError && error.exitCode === 3 && /ulimit/.test(error.message));
  }
  assert.equal(ownShortage(withCode("ECONNREFUSED"), "http://a"), undefined);
});
