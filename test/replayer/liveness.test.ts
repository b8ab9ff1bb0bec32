import assert from "node:assert/strict";
import { test } from "node:test";
import { isLive } from "../../replayer/liveness.js";
import type { Answer } from "../../tape/index.js";

const status = (code: number, grpc?: { in: "trailers" | "headers"; code: number }): Answer => ({
  kind: "response",
  status: code,
  headers: grpc?.in === "headers" ? [["grpc-status", String(grpc.code)]] : [],
  body: { kind: "empty" },
  trailers: grpc?.in === "trailers" ? [["grpc-status", String(grpc.code)]] : [],
  end: "complete",
});
const failure: Answer = { kind: "failure", reason: "refused", afterMs: 1 };
const unknown: Answer = { kind: "unknown" };

test("alive is the recorded status class, not the status", () => {
  assert.equal(isLive(status(200), status(204)), true);
  assert.equal(isLive(status(200), status(404)), false);
  assert.equal(isLive(status(404), status(404)), true);
  assert.equal(isLive({ kind: "status-only", status: 503 }, status(500)), true);
  assert.equal(isLive(status(200), failure), false);
});

test("where no status was recorded, 1xx to 3xx is alive", () => {
  assert.deepEqual(
    [200, 302, 404, 500].map((code) => isLive(unknown, status(code))),
    [true, true, false, false],
  );
  assert.deepEqual([isLive(failure, status(200)), isLive(failure, failure)], [true, false]);
});

test("a gRPC answer is alive by grpc-status, in trailers or in a head alone, not by its HTTP 200", () => {
  const ok = status(200, { in: "trailers", code: 0 });
  assert.equal(isLive(ok, status(200, { in: "headers", code: 12 })), false);
  assert.equal(isLive(ok, status(200, { in: "trailers", code: 0 })), true);
  assert.equal(isLive(status(200, { in: "headers", code: 5 }), status(200, { in: "trailers", code: 3 })), true);
});
