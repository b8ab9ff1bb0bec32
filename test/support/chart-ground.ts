import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { type Cluster, forwardPort, podsOf } from "../../mesh/index.js";
import { newNamespace, realCluster } from "./cluster.js";
import { hasHelm, type Releases, releasesIn } from "./helm.js";
import { canMakeImages, type Image, tapeloopImage } from "./image.js";
import { fakeIo } from "./io.js";
import { needs } from "./real-parts.js";

/** A namespace of a real cluster that charts are installed into. */
export interface Ground {
  cluster: Cluster;
  kubeconfig: string;
  namespace: string;
  releases: Releases;
  /** As `image` of the charts. */
  image: Image;
  /** With the recorder's Secret, as its user has them. */
  env: Record<string, string>;
}

/** Undefined, and the test skipped, where there is no cluster, helm or way to bring images. */
export async function prepared(t: TestContext): Promise<Ground | undefined> {
  if (!hasHelm(t)) return undefined;
  const real = await realCluster(t);
  if (real === undefined) return undefined;
  if (!needs(t, "a way to bring images into the cluster", canMakeImages(), "name one in TAPELOOP_IMAGE"))
    return undefined;
  const namespace = await newNamespace(t, real.cluster);
  const image = await tapeloopImage();
  return { ...real, namespace, image, releases: releasesIn(namespace), env: {} };
}

export async function secretOf(releases: Releases): Promise<Record<string, string>> {
  const text = await releases.kubectl(["get", "secret", "recorder", "-o", "json"]);
  const { data } = JSON.parse(text) as { data: Record<string, string> };
  const plain = (key: string) => Buffer.from(data[key]!, "base64").toString();
  return { TAPELOOP_ADMIN_TOKEN: plain("admin-token"), TAPELOOP_REDACTION_KEY: plain("redaction-key") };
}

/** Runs a command line in this process. */
export async function ran({ kubeconfig, env }: Ground, words: readonly string[]) {
  const io = fakeIo({ env: { ...env, KUBECONFIG: kubeconfig } });
  const code = await runCommandLine(words, io);
  return { code, out: io.out(), err: io.err() };
}

/** The same of a command that has to succeed, in the namespace where it takes one; gives stdout. */
export async function succeeded(ground: Ground, words: readonly string[]): Promise<string> {
  const here = words[0] === "mirror" ? ["-n", ground.namespace] : [];
  const { code, out, err } = await ran(ground, [...words, ...here]);
  assert.equal(code, 0, `tapeloop ${words.join(" ")}: ${err}`);
  return out;
}

export async function pull(ground: Ground, tape: string, labels: string = recorderLabels): Promise<void> {
  const [pod] = await podsOf(ground.cluster, ground.namespace, { labels });
  const { port, close } = await forwardPort(ground.cluster, ground.namespace, pod!.name, 9090);
  try {
    await succeeded(ground, ["tape", "pull", `127.0.0.1:${port}`, "--tape", tape, "--seal"]);
  } finally {
    await close();
  }
}

const recorderLabels = "app.kubernetes.io/name=recorder,app.kubernetes.io/instance=recorder";

/** As `tape ls --json` has it. */
export interface Listed {
  id: number;
  callee: string;
  path: string;
  status?: number;
}

export async function exchanges(ground: Ground, tape: string): Promise<Listed[]> {
  const text = await succeeded(ground, ["tape", "ls", tape, "--json"]);
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Listed);
}
