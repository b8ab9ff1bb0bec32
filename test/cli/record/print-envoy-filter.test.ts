import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { runCommandLine } from "../../../cli/run.js";
import { envoyConfigFor, istioConfigFor } from "../../../recorder/index.js";
import { fakeIo } from "../../support/io.js";

async function printed(...words: string[]): Promise<string> {
  const io = fakeIo();
  assert.equal(await runCommandLine(["record", "--print-envoy-filter", ...words], io), 0, io.err());
  assert.equal(io.err(), "");
  return io.out();
}

test("the printed resources for Istio are read back as what was made", async () => {
  const labels = ["--filter-labels", "app=reviews,version=v1", "--filter-namespace", "shop"];
  const text = await printed("--recorder-address", "recorder.tools.svc.cluster.local:7777", ...labels);
  assert.deepEqual(
    parseAllDocuments(text).map((document) => document.toJS()),
    istioConfigFor({
      tells: "ext-proc",
      host: "recorder.tools.svc.cluster.local",
      port: 7777,
      context: "inbound",
      namespace: "shop",
      labels: { app: "reviews", version: "v1" },
    }),
  );
});

test("the printed configuration for Envoy is read back as what was made", async () => {
  const text = await printed("access-log", "--format", "envoy", "--recorder-address", "[::1]:7777");
  assert.deepEqual(parse(text), envoyConfigFor({ tells: "access-log", host: "::1", port: 7777 }));
});

test("for a mirror, at the callers' proxies and the port that mirrors go to, unless said otherwise", async () => {
  const text = await printed("mirror");
  assert.match(text, /^# .* named http2-…/);
  assert.match(text, /context: SIDECAR_OUTBOUND.*portNumber: 8080\b/s);
  const bare = await printed("mirror", "--format", "envoy");
  assert.match(bare, /^# request_mirror_policies: of each route to be copied; clusters: beside the others\.\n/);
  assert.deepEqual(parse(bare), envoyConfigFor({ tells: "mirror", host: "127.0.0.1", port: 8080 }));
});

test("an access log is told by the proxies that make the copies: at the callers", async () => {
  assert.match(await printed("access-log"), /context: SIDECAR_OUTBOUND/);
});

for (const [words, complaint] of [
  [["--print-envoy-filter", "nothing"], /--print-envoy-filter/],
  [["--print-envoy-filter", "--format", "nginx"], /--format.*"nginx"/],
  [["--print-envoy-filter", "--recorder-address", "here"], /--recorder-address.*"here"/],
  [["--print-envoy-filter", "--filter-labels", "app"], /--filter-labels.*"app"/],
] as const) {
  test(`refused in one line: ${words.join(" ")}`, async () => {
    const io = fakeIo();
    assert.equal(await runCommandLine(["record", ...words], io), 2);
    assert.match(io.err(), complaint);
    assert.equal(io.err().trim().split("\n").length, 1);
    assert.equal(io.out(), "");
  });
}

test("recording still wants its own flags", async () => {
  const io = fakeIo();
  assert.equal(await runCommandLine(["record", "--tape", "x.db"], io), 2);
  assert.match(io.err(), /--listen/);
});
