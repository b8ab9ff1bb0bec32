import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { parse, stringify } from "yaml";
import type { ClusterObject } from "../../mesh/index.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { applyStrictly, hasHelm, only, rendered, runProgram } from "../support/helm.js";
import { prometheusBinary } from "../support/prometheus.js";
import { gotten } from "../support/real-parts.js";
import { tempFolder } from "../support/temp.js";

interface Rule {
  alert: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

const own = { namespace: "shop", service: "r-recorder" };
const pod = { ...own, pod: "r-recorder-1" };
/** Minute by minute, from 0 on: values in promtool's notation. */
const healthy = {
  up: "1x30",
  tapeloop_recorder_dropped_total: "7x30",
  tapeloop_recorder_store_failing: "0x30",
  tapeloop_recorder_queue_bytes: "10x30",
  tapeloop_recorder_queue_limit_bytes: "100x30",
};

/** One thing wrong each: the alert it raises, when that has not yet been, and when it has. What is not scraped is still read for 5 minutes. */
const cases = [
  { alert: "TapeloopRecorderDown", wrong: { up: "1x4 0x25" }, quietUntil: 9, since: 10, labels: own },
  { alert: "TapeloopRecorderDown", wrong: { up: "1x4 _x25" }, quietUntil: 13, since: 15, labels: own },
  { alert: "TapeloopRecorderDrops", wrong: { tapeloop_recorder_dropped_total: "7x4 8x25" }, quietUntil: 4, since: 5 },
  {
    alert: "TapeloopTapeTakesNothing",
    wrong: { tapeloop_recorder_store_failing: "0x4 1x25" },
    quietUntil: 5,
    since: 6,
  },
  { alert: "TapeloopQueueNearlyFull", wrong: { tapeloop_recorder_queue_bytes: "80x4 81x25" }, quietUntil: 5, since: 6 },
];

test("a real Prometheus takes the recorder's alerts: each fires for what is wrong, and none while nothing is", async (t) => {
  if (!hasHelm(t)) return;
  const binary = await prometheusBinary(t);
  if (binary === undefined) return;
  const objects = await rendered("recorder", { prometheusRule: { enabled: true } });
  const { groups } = only(objects, "PrometheusRule").spec as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  assert.deepEqual(new Set(rules.map(({ alert }) => alert)), new Set(cases.map(({ alert }) => alert)));

  const promtool = join(dirname(binary), "promtool");
  const folder = tempFolder(t);
  const write = (name: string, content: object) => {
    writeFileSync(join(folder, name), stringify(content));
    return join(folder, name);
  };
  const checked = await runProgram(promtool, ["check", "rules", "--lint-fatal", write("rules.yaml", { groups })]);
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);

  const tests = [
    { interval: "1m", input_series: series({}), alert_rule_test: rules.flatMap((rule) => quiet(rule, [1, 15, 30])) },
    ...cases.map(({ alert, wrong, quietUntil, since, labels = pod }) => ({
      interval: "1m",
      input_series: series(wrong),
      alert_rule_test: rules.flatMap((rule) =>
        rule.alert === alert ? [...quiet(rule, [quietUntil]), fires(rule, since, labels)] : quiet(rule, [since]),
      ),
    })),
  ];
  const told = await runProgram(promtool, [
    "test",
    "rules",
    write("tests.yaml", { rule_files: ["rules.yaml"], evaluation_interval: "1m", tests }),
  ]);
  assert.equal(told.code, 0, told.stdout + told.stderr);
});

function series(wrong: object): object[] {
  const labels = Object.entries(pod).map(([name, value]) => `${name}="${value}"`);
  return Object.entries({ ...healthy, ...wrong }).map(([name, values]) => ({ series: `${name}{${labels}}`, values }));
}

function quiet({ alert }: Rule, minutes: readonly number[]): object[] {
  return minutes.map((minute) => ({ alertname: alert, eval_time: `${minute}m`, exp_alerts: [] }));
}

function fires({ alert, labels, annotations }: Rule, minute: number, seriesLabels: object): object {
  const expected = { exp_labels: { ...labels, ...seriesLabels }, exp_annotations: annotations };
  return { alertname: alert, eval_time: `${minute}m`, exp_alerts: [expected] };
}

test("a real API server that knows the Prometheus operator's kinds takes what the recorder's chart makes of them", async (t) => {
  if (!hasHelm(t)) return;
  const real = await realCluster(t);
  if (real === undefined) return;
  const types = await gotten(t, "the Prometheus operator's kinds", "get-operator-types.mjs");
  if (types === undefined) return;
  await defineKinds(t, real.kubeconfig, types);
  const namespace = await newNamespace(t, real.cluster);
  const values = {
    serviceMonitor: { enabled: true, interval: "5s", labels: { release: "p" } },
    prometheusRule: { enabled: true, labels: { release: "p" } },
  };
  const made = (await rendered("recorder", values, "--namespace", namespace)).filter(({ apiVersion }) =>
    apiVersion.startsWith("monitoring.coreos.com/"),
  );
  assert.deepEqual(new Set(made.map(({ kind }) => kind)), new Set(["ServiceMonitor", "PrometheusRule"]));
  await applyStrictly(namespace, made);
  const misspelt = structuredClone(only(made, "ServiceMonitor")) as ClusterObject & { spec: { endpoints: [object] } };
  Object.assign(misspelt.spec.endpoints[0], { intervall: "5s" });
  await assert.rejects(applyStrictly(namespace, [misspelt]), /unknown field "intervall"/);
});

/** Until the test's end. */
async function defineKinds(t: TestContext, kubeconfig: string, folder: string): Promise<void> {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const kubectl = async (...words: readonly string[]) => {
    const { code, stderr } = await runProgram("kubectl", ["--kubeconfig", kubeconfig, ...words]);
    assert.equal(code, 0, stderr);
  };
  const all = files.flatMap((file) => ["--filename", file]);
  t.after(() => kubectl("delete", "--wait=false", ...all));
  await kubectl("apply", "--server-side", ...all);
  const names = files.map((file) => (parse(readFileSync(file, "utf8")) as ClusterObject).metadata.name);
  await kubectl("wait", "--for=condition=Established", "--timeout=60s", ...names.map((name) => `crd/${name}`));
}
