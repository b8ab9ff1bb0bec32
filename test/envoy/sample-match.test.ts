import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { askHttp1 } from "../support/clients.js";
import { newHome, tapeloop, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { envoyBinary, startEnvoy } from "../support/envoy.js";
import { envoyConfig } from "../support/envoy-config.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { ListedExchange, TapeStatsJson } from "../support/tape-json.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

/** UUIDs of version 4, the same at every run. */
const ids = Array.from({ length: 400 }, (_, at) => {
  const hex = createHash("sha256").update(`call ${at}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
});

/** As `envoyConfig` makes it, with these routes in place of its own. */
function withRoutes(setup: Parameters<typeof envoyConfig>[0], routes: unknown): object {
  const config = envoyConfig(setup) as {
    static_resources: { listeners: { filter_chains: { filters: { typed_config: { route_config: object } }[] }[] }[] };
  };
  const [chain] = config.static_resources.listeners[0]!.filter_chains;
  chain!.filters[0]!.typed_config.route_config = { virtual_hosts: [{ name: "all", domains: ["*"], routes }] };
  return config;
}

async function printedRoutes(t: TestContext, share: string): Promise<unknown> {
  const { code, stdout, stderr } = await tapeloop(t, newHome(t), ["record", "--print-sample-match", share]);
  assert.equal(code, 0, stderr);
  const [, envoy] = parseAllDocuments(stdout);
  return envoy!.toJS();
}

test("Envoy with the printed match copies the very traces that a recorder samples by request-id", async (t) => {
  const binary = await envoyBinary(t);
  if (binary === undefined) return;
  const home = newHome(t);
  const service = await startService(t);
  const copies = join(home.folder, "copies.db");
  const inline = join(home.folder, "inline.db");
  const sampling = ["--sample", "25%", "--sample-by", "request-id"];
  const mirror = await startRecorderProcess(t, home, { tape: copies });
  const before = ["--mode", "inbound", "--upstream", service.url, "--service", "echo", ...sampling];
  const inbound = await startRecorderProcess(t, home, { tape: inline, more: before });
  const setup = {
    listeners: [{ name: "way", routeTo: "SERVICE" }],
    clusters: [
      { name: "SERVICE", port: inbound.port, protocol: "http/1.1" as const },
      { name: "RECORDER", port: mirror.port, protocol: "h2c" as const },
    ],
  };
  const envoy = await startEnvoy(t, binary, { whole: withRoutes(setup, await printedRoutes(t, "25%")) });

  const call = (id: string, path = "/echo/sampled") =>
    askHttp1(envoy.port("way"), { method: "GET", path, headers: [["x-request-id", id]] });
  for (const id of ids) assert.equal((await call(id)).status, 200);
  // One that is in the sample and one that is not, ten times each: never drawn anew.
  for (let again = 0; again < 10; again++) {
    await call("6db69b60-1f03-4c1e-885b-5cab4cc23fff", "/echo/in");
    await call("6db69b60-1f03-4c1e-885b-5cab4cc24000", "/echo/out");
  }
  await envoy.untilStat("cluster.RECORDER.upstream_rq_active", 0);
  const sent = await envoy.stat("cluster.RECORDER.upstream_rq_total");
  await until("the copies", async () => (await mirror.metric("tapeloop_recorder_kept_total")) === sent);
  for (const recorder of [mirror, inbound]) assert.deepEqual(await recorder.stop(), { code: 0, signal: null });

  const listed = async (tape: string) =>
    await tapeloopJsonLines<ListedExchange>(t, home, ["tape", "ls", tape, "--json"]);
  const idsOn = async (tape: string) =>
    (await listed(tape)).map(({ requestId, path }) => `${requestId} ${path}`).sort();
  const copied = await idsOn(copies);
  assert.deepEqual(copied, await idsOn(inline));
  assert.equal(copied.filter((one) => one.endsWith("/echo/in")).length, 10);
  assert.equal(copied.filter((one) => one.endsWith("/echo/out")).length, 0);
  // 400 draws of 25%: 100 expected, with a standard deviation of 8.7.
  assert.ok(copied.length - 10 > 65 && copied.length - 10 < 135, `${copied.length - 10} of 400`);
  const { counts } = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", inline, "--json"]);
  assert.deepEqual([counts.seen, counts.kept, counts.sampledOut], [420, copied.length, 420 - copied.length]);
  t.diagnostic(`${copied.length - 10} of 400 traces at 25%, the same by Envoy's route and by the recorder`);
});
