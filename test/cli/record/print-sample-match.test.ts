import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { sampleMatchText } from "../../../cli/record/print-sample-match.js";
import { runCommandLine } from "../../../cli/run.js";
import { sampleMatch } from "../../../recorder/index.js";
import { parseVirtualServices } from "../../../virtual-service/index.js";
import { fakeIo } from "../../support/io.js";

test("what is printed is a VirtualService and routes of Envoy, with one and the same match", () => {
  const [istio, envoy] = parseAllDocuments(sampleMatchText(0.1)).map((document) => document.toJS());
  const { regex } = sampleMatch(0.1);
  assert.equal(istio.kind, "VirtualService");
  assert.deepEqual(istio.spec.http[0].match, [{ headers: { "x-request-id": { regex } } }]);
  assert.deepEqual(istio.spec.http[0].mirrors, [{ destination: { host: "RECORDER" } }]);
  assert.equal(istio.spec.http[1].match, undefined);
  assert.equal(envoy[0].match.headers[0].string_match.safe_regex.regex, regex);
  assert.deepEqual(envoy[1], { match: { prefix: "/" }, route: { cluster: "SERVICE" } });
});

test("the VirtualService is one that the lab obeys", () => {
  const [istio] = sampleMatchText(0.25).split("\n---\n");
  assert.equal(parseVirtualServices(istio!, "printed").length, 1);
});

test("record prints it and ends, whatever else is missing", async () => {
  const io = fakeIo();
  assert.equal(await runCommandLine(["record", "--print-sample-match", "25%"], io), 0, io.err());
  assert.match(io.out(), /^# 25% of all traces: those whose x-request-id ends in four hex digits below 4000$/m);
  assert.equal(io.err(), "");
  const wrong = fakeIo();
  assert.equal(await runCommandLine(["record", "--print-sample-match", "some"], wrong), 2);
  assert.match(
    wrong.err(),
    /^tapeloop: record: --print-sample-match: must be a share such as 90% or 0\.9 \(got "some"\)\n$/,
  );
});
