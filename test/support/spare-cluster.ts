import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { type Cluster, connectCluster } from "../../mesh/index.js";
import { projectFolder } from "./project.js";
import { needs } from "./real-parts.js";
import { until } from "./until.js";

const run = promisify(execFile);
const script = join(projectFolder, "../shared/cluster/cluster");
const crds = join(projectFolder, "../shared/cluster/charts/base/files/crd-all.gen.yaml");
const virtualServices = "customresourcedefinition/virtualservices.networking.istio.io";

/** A cluster of the test's own: an API server that may be frozen, with the kinds of Istio and nobody who acts on them. */
export interface SpareCluster {
  cluster: Cluster;
  kubeconfig: string;
  /** The API server takes connections and answers none. */
  freeze(): Promise<void>;
  /** Resolves when it answers again. */
  thaw(): Promise<void>;
}

/**
 * Starts one beside any other, and takes it down when the test ends; undefined, and the test skipped, where it cannot be.
 *
 * @param own name and port: test files that run at the same time have each their own
 */
export async function startSpareCluster(
  t: TestContext,
  own = { name: "frozen", port: 16_444 },
): Promise<SpareCluster | undefined> {
  const isThere = existsSync(script) && process.getuid?.() === 0;
  if (!needs(t, "a cluster of the test's own", isThere, "shared/cluster beside the project, as root")) return undefined;
  const env = { ...process.env, NAME: own.name, PORT: String(own.port) };
  const cluster = (...words: string[]) => run(script, words, { env });
  t.after(async () => {
    await cluster("api", "cont").catch(() => {});
    await cluster("down");
  });
  const { stdout } = await cluster("up", "--no-istio");
  const kubeconfig = /KUBECONFIG=(\S+)/.exec(stdout)![1]!;
  await cluster("kubectl", "apply", "--server-side", "-f", crds);
  await cluster("kubectl", "wait", "--for=condition=Established", virtualServices, "--timeout=60s");
  const client = await connectCluster({ kubeconfig, answerMs: 2_000 });
  const answers = () =>
    client.list({ apiVersion: "networking.istio.io/v1", kind: "VirtualService" }).then(
      () => true,
      () => false,
    );
  await until("the API server to serve VirtualServices", answers, { withinMs: 60_000 });
  return {
    cluster: await connectCluster({ kubeconfig }),
    kubeconfig,
    freeze: async () => void (await cluster("api", "stop")),
    thaw: async () => {
      await cluster("api", "cont");
      await until("the API server to answer again", answers, { withinMs: 60_000 });
    },
  };
}
