import type { Command } from "commander";
import { z } from "zod";
import { defined } from "../../base/index.js";
import { type Cluster, connectCluster } from "../../mesh/index.js";

/** Which cluster and namespace, with kubectl's names. */
export const clusterSettings = {
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  namespace: z.string().optional(),
};
type ClusterSettings = z.output<z.ZodObject<typeof clusterSettings>>;

export function addClusterOptions(command: Command): Command {
  return command
    .option("-n, --namespace <namespace>", "namespace (default: that of the kubeconfig's context)")
    .option("--context <name>", "context of the kubeconfig (default: its current one)")
    .option("--kubeconfig <file>", "default: $KUBECONFIG, ~/.kube/config, or a pod's own account");
}

export function clusterOf(
  { kubeconfig, context }: ClusterSettings,
  env: Readonly<Record<string, string | undefined>>,
): Cluster {
  return connectCluster(defined({ kubeconfig: kubeconfig ?? firstOf(env.KUBECONFIG), context }));
}

/** A list of files is read by the client itself. */
function firstOf(kubeconfig: string | undefined): string | undefined {
  return kubeconfig === undefined || kubeconfig === "" || kubeconfig.includes(":") ? undefined : kubeconfig;
}
