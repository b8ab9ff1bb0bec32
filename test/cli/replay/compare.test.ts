import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { compareOptionsOf } from "../../../cli/replay/compare.js";
import { frameGrpc } from "../../../message/index.js";
import { openTapeWriter, type RunSummary } from "../../../tape/index.js";
import { batchOf, callPart, capturedRequest, capturedResponse, testKey, testRecorder } from "../../support/captured.js";
import { encodeOrder, shopFiles, startGrpcShop } from "../../support/grpc-shop.js";
import { run } from "../../support/service-tape.js";
import { tempFolder } from "../../support/temp.js";

test("without options nothing is hidden and everything counts", () => {
  assert.deepEqual(compareOptionsOf({}), { comparing: {}, gate: {} });
});

test("a severity given as a flag goes before the one in the file, whose allowances stay", (t) => {
  const rules = join(tempFolder(t), "rules.yaml");
  writeFileSync(
    rules,
    "rules: [{ ignore: body:/a }]\nthresholds: { failOn: low, allow: [{ severity: low, count: 2 }] }\n",
  );
  const { comparing, gate } = compareOptionsOf({ rules, failOn: "high" });
  assert.deepEqual(
    comparing?.rules?.map(({ text }) => text),
    ["body:/a is not compared"],
  );
  assert.deepEqual(gate?.thresholds, { failOn: "high", allow: [{ severity: "low", count: 2 }] });
});

test("reflection is asked for by its flag, and not beside a file", () => {
  assert.deepEqual(compareOptionsOf({ grpcReflection: true }), { grpcReflection: true, comparing: {}, gate: {} });
  assert.throws(
    () => compareOptionsOf({ grpcReflection: true, descriptors: "shop.pb" }),
    (error) => error instanceof OperatorError && /give one of them/.test(error.message),
  );
});

const chair = { id: "a", stars: 4, size: 1, prices: { de: 5 } };

/** A file with one call of the shop, answered with the chair. */
async function shopTape(t: TestContext): Promise<string> {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({ path, key: testKey, recorder: testRecorder("shop") });
  const message = frameGrpc(encodeOrder(shopFiles(), chair));
  const request = capturedRequest({
    ...{ method: "POST", path: "/shop.Orders/Get", authority: "shop:9080", protocol: "h2" },
    ...{ headers: ["content-type", "application/grpc"], body: { pieces: [frameGrpc(Buffer.alloc(0))], fullBytes: 5 } },
  });
  const answer = capturedResponse("", {
    ...{ headers: ["content-type", "application/grpc+proto"], trailers: ["grpc-status", "0"] },
    body: { pieces: [message], fullBytes: message.length },
  });
  await writer.append(batchOf(callPart(1, { request, answer })));
  await writer.close();
  return path;
}

test("a replay with --grpc-reflection names what differs, and ends with 2 where the server serves none", async (t) => {
  const tape = await shopTape(t);
  const files = shopFiles();
  const serve = (order: object, versions: readonly "v1"[]) =>
    startGrpcShop(t, { answer: encodeOrder(files, order), files, versions });
  const [old, next] = [await serve(chair, []), await serve({ ...chair, stars: 5 }, ["v1"])];
  const words = ["replay", tape, "--allow-writes", "--grpc-reflection", "--redaction-key", "07".repeat(32)];

  const { exitCode, stdout } = await run([...words, "--json", "--target", next.url]);
  assert.equal(exitCode, 1);
  const { divergences } = JSON.parse(stdout) as RunSummary;
  assert.ok(divergences.some(({ place }) => place === "body:/*/stars"));

  const refused = await run([...words, "--target", next.url, "--baseline", old.url]);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /serves no reflection.*give them with --descriptors FILE instead\n$/);
  assert.ok(refused.stderr.includes(old.url));
  assert.equal(refused.stderr.trimEnd().split("\n").length, 1);
});
