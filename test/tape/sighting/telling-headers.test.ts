import assert from "node:assert/strict";
import { test } from "node:test";
import { tellingHeaders } from "../../../tape/sighting/telling-headers.js";

test("the first of each is found, whatever the case of its name", () => {
  const flat = [
    ...[
      "Traceparent",
      "00-a",
      "x-other-name",
      "same length as x-request-id",
      "X-Request-Id",
      "one",
      "x-request-id",
      "two",
    ],
    ...["X-Envoy-Downstream-Service-Cluster", "gateway.shop", "X-Forwarded-Client-Cert", "URI=…"],
  ];
  assert.deepEqual(tellingHeaders(flat), {
    traceparent: "00-a",
    requestId: "one",
    callingCluster: "gateway.shop",
    clientCertificate: "URI=…",
  });
  assert.deepEqual(tellingHeaders(["host", "reviews"]), {});
});
