import type { Command } from "commander";
import { z } from "zod";
import { defined } from "../../base/index.js";
import { type Cluster, connectCluster, type MeshCommand, sayingWhatIsMissing } from "../../mesh/index.js";
import { durationSetting } from "../settings.js";

/** Which cluster and namespace, with kubectl's names. */
export const clusterSettings = {
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  namespace: z.string().optional(),
  requestTimeout: durationSetting.optional(),
};
type ClusterSettings = z.output<z.ZodObject<typeof clusterSettings>>;

export function addClusterOptions(command: Command): Command {
  return command
    .option("-n, --namespace <namespace>", "namespace (default: that of the kubeconfig's context)")
    .option("--context <name>", "context of the kubeconfig (default: its current one)")
    .option("--kubeconfig <file>", "default: $KUBECONFIG, ~/.kube/config, or a pod's own account")
    .option(
      "--request-timeout <duration>",
      "take the API server for gone when it is silent for so long (default: 15s)",
    );
}

/** @param signal aborted when the command is asked to end: what it is just changing is put back then */
export function clusterOf(
  { kubeconfig, context, requestTimeout: answerMs }: ClusterSettings,
  env: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<Cluster> {
  return connectCluster(defined({ kubeconfig: kubeconfig ?? firstOf(env.KUBECONFIG), context, answerMs, signal }));
}

/** The same for a command whose rights are known: where the cluster forbids something, all that it lacks is said. */
export async function clusterFor(
  command: MeshCommand,
  settings: ClusterSettings,
  env: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<Cluster> {
  const cluster = await clusterOf(settings, env, signal);
  return sayingWhatIsMissing(cluster, settings.namespace ?? cluster.namespace, command);
}

/** A list of files is read by the client itself. */
function firstOf(kubeconfig: string | undefined): string | undefined {
  return kubeconfig === undefined || kubeconfig === "" || kubeconfig.includes(":") ? undefined : kubeconfig;
}
