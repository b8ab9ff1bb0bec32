import assert from "node:assert/strict";
import { test } from "node:test";
import { failureReason, failureStatus } from "../../../recorder/forward/failure.js";

function coded(code: string, cause?: Error): Error {
  return Object.assign(new Error(code, { cause }), { code });
}

test("errors are told apart by their codes, their causes first", () => {
  assert.equal(failureReason(coded("ECONNREFUSED")), "refused");
  assert.equal(failureReason(coded("ENOTFOUND")), "unresolved-host");
  assert.equal(failureReason(coded("UND_ERR_CONNECT_TIMEOUT")), "timed-out");
  assert.equal(failureReason(coded("UND_ERR_SOCKET")), "reset");
  assert.equal(failureReason(coded("HPE_INVALID_CONSTANT")), "protocol");
  assert.equal(failureReason(coded("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED")), "tls");
  assert.equal(failureReason(coded("DEPTH_ZERO_SELF_SIGNED_CERT")), "tls");
  assert.equal(failureReason(coded("UNABLE_TO_GET_ISSUER_CERT_LOCALLY")), "tls");
  assert.equal(failureReason(coded("ERR_HTTP2_STREAM_CANCEL", coded("ECONNREFUSED"))), "refused");
  assert.equal(failureReason(new AggregateError([coded("ECONNREFUSED"), coded("ENETUNREACH")])), "refused");
});

test("a time-out is a 504, all else a 502", () => {
  assert.equal(failureStatus("timed-out").status, 504);
  assert.equal(failureStatus("refused").status, 502);
});
