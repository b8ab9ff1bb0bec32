import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { failureReasonOf, ownShortage, tlsTroubleOf } from "../../../replayer/send/failure-reason.js";

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

test("why TLS failed is told in words; that a target has no HTTP/2, and any other failure, is no trouble of TLS", () => {
  const alert = { reason: "sslv3 alert handshake failure", code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE" };
  const refused = Object.assign(new Error("00A1:error:0A000410:SSL routines:…:SSL alert number 40\n"), alert);
  const untrusted = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  const canceled = Object.assign(new Error("canceled", { cause: refused }), { code: "ERR_HTTP2_STREAM_CANCEL" });
  for (const thrown of [refused, canceled]) assert.equal(tlsTroubleOf(thrown), "sslv3 alert handshake failure");
  assert.equal(tlsTroubleOf(untrusted), "self-signed certificate");
  assert.equal(tlsTroubleOf(withCode("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL")), undefined);
  assert.equal(tlsTroubleOf(withCode("ECONNREFUSED")), undefined);
});
