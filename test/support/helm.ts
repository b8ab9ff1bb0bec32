import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { parseAllDocuments, stringify } from "yaml";
import type { ClusterObject } from "../../mesh/index.js";
import type { Finished } from "./command-line.js";
import { projectFolder } from "./project.js";
import { needs } from "./real-parts.js";

export const chartNames = ["recorder", "replay", "simple-service", "roles"] as const;
export type ChartName = (typeof chartNames)[number];

export const chartFolder = (chart: ChartName): string => join(projectFolder, "charts", chart);

/** What a chart cannot do without; a chart that is not here needs nothing. */
export const leastValues: Partial<Record<ChartName, object>> = {
  replay: { target: "http://reviews-v2:9080", tape: { claim: "tape" } },
};

/** Whether helm is on the PATH; the test is skipped without it. */
export function hasHelm(t: TestContext): boolean {
  const found = spawnSync("helm", ["version"]).status === 0;
  return needs(t, "helm", found, "https://helm.sh, or the cluster's own programs on the PATH");
}

/** Runs a program to its end, with `input` on its stdin. */
export function runProgram(program: string, words: readonly string[], input = ""): Promise<Finished> {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => {}).end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** `helm WORDS… CHART` with values, as a file given on stdin. */
export function helm(words: readonly string[], chart: ChartName, values: object = {}): Promise<Finished> {
  return runProgram("helm", [...words, chartFolder(chart), "--values", "-"], stringify(values));
}

/** What a chart makes of values. Throws with helm's words when it makes nothing. */
export async function rendered(chart: ChartName, values: object = {}, ...words: string[]): Promise<ClusterObject[]> {
  const merged = { ...leastValues[chart], ...values };
  const { code, stdout, stderr } = await helm(["template", "r", "--namespace", "shop", ...words], chart, merged);
  if (code !== 0) throw new Error(stderr.trim());
  return parseAllDocuments(stdout).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return (document.toJS() as ClusterObject | null) ?? [];
  });
}

/** The one object of a kind, and a name where that is given. */
export function only(objects: readonly ClusterObject[], kind: string, name?: string): ClusterObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind} ${name ?? ""}`);
  return found[0]!;
}

/** As `kubectl apply` does, but unknown fields are errors. */
export async function applyStrictly(
  namespace: string,
  items: readonly ClusterObject[],
  ...more: readonly string[]
): Promise<void> {
  if (items.length === 0) return;
  const words = ["apply", ...more, "--validate=strict", "--namespace", namespace, "--filename", "-"];
  const { code, stderr } = await runProgram(
    "kubectl",
    words,
    JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  );
  if (code !== 0) throw new Error(stderr.trim());
}

/** Charts installed into a namespace of a real cluster, which goes at the test's end and takes them along. */
export interface Releases {
  /** Installs, or upgrades where it is there already; waits until its pods are ready (Jobs are not waited for). */
  install(release: string, chart: ChartName, values: object): Promise<void>;
  /** Runs a release's tests; gives what their pods said. */
  test(release: string): Promise<string>;
  uninstall(release: string): Promise<void>;
  /** `kubectl WORDS…` in the namespace; gives stdout. */
  kubectl(words: readonly string[], input?: string): Promise<string>;
}

export function releasesIn(namespace: string): Releases {
  const run = async (program: string, words: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await runProgram(program, ["--namespace", namespace, ...words], input);
    if (code !== 0) throw new Error(`${program} ${words.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  return {
    install: async (release, chart, values) => {
      const wait = chart === "replay" ? [] : ["--wait", "--timeout", "5m"];
      await run(
        "helm",
        ["upgrade", "--install", release, chartFolder(chart), ...wait, "--values", "-"],
        stringify(values),
      );
    },
    test: (release) => run("helm", ["test", release, "--logs", "--timeout", "5m"]),
    uninstall: async (release) => void (await run("helm", ["uninstall", release, "--wait"])),
    kubectl: (words, input) => run("kubectl", words, input),
  };
}
