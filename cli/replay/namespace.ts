import type { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import { addClusterOptions, clusterSettings } from "../mesh/cluster.js";
import { addStaleOption, staleSettings } from "../mesh/stale.js";
import type { ReplaySettings } from "../replay.js";
import { flagSetting } from "../settings.js";
import { version } from "../version.js";

const many = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

/** Settings of `replay` about a namespace of a cluster that the tape is sent into. */
export const namespaceSettings = {
  ...clusterSettings,
  ...staleSettings,
  baselineNamespace: z.string().min(1).optional(),
  map: many.prefault([]),
  sendFrom: z.enum(["job", "local"]).optional(),
  unfenced: flagSetting.prefault(false),
  image: z.string().min(1).optional(),
  adminToken: z.string().optional(),
};

export function addNamespaceOptions(command: Command): Command {
  return addClusterOptions(addStaleOption(command))
    .option("--baseline-namespace <namespace>", "with -n: where the old version stands")
    .option(
      "--map <recorded=service...>",
      "with -n: where calls to a recorded host go, such as shop.example=frontend:80",
    )
    .option(
      "--send-from <where>",
      "with -n: job, from inside through a sidecar, or local, through the API server (default: job); also as --from",
    )
    .option("--unfenced", "with -n: replay although the namespace can call out of itself")
    .option("--image <image>", `with -n: what the Job runs (default: tapeloop:${version})`)
    .option("--admin-token <token>", "with -n and --hops: of the recorders (better as TAPELOOP_ADMIN_TOKEN)");
}

/** A replay into a namespace, as it was asked for. */
export interface NamespaceWish {
  namespace: string;
  baselineNamespace?: string;
  sendFrom: "job" | "local";
  image: string;
  /** The other settings, those of a replay of lanes in namespaces. */
  settings: ReplaySettings;
}

/** How a lane's target names a namespace, in options, run file and report. */
export function namespaceTarget(namespace: string): string {
  return `namespace ${namespace}`;
}

/** Throws an OperatorError for settings that make no sense with a namespace. */
export function namespaceWish(given: ReplaySettings): NamespaceWish {
  const { namespace, baselineNamespace, image = `tapeloop:${version}` } = given;
  if (namespace === undefined) throw new OperatorError("replay: -n names the namespace to replay into");
  if (baselineNamespace === namespace)
    throw new OperatorError(
      `replay: --baseline-namespace is ${namespace}, too: compare two namespaces, or one with the recording; its noise is told by --aa with another`,
    );
  const { sendFrom, settings } = placeAndTime(given);
  refuseElsewhere(settings);
  if (sendFrom === "job") refuseInJob(settings);
  return {
    ...{ namespace, sendFrom, image },
    ...(baselineNamespace === undefined ? {} : { baselineNamespace }),
    settings: {
      ...settings,
      target: namespaceTarget(namespace),
      ...(baselineNamespace === undefined ? {} : { baseline: namespaceTarget(baselineNamespace) }),
      // Who owns it has said so by its label.
      targetIsATest: true,
    },
  };
}

/** `--from` is a time, or, where that cannot be meant, the place to send from. */
function placeAndTime({ from, sendFrom, ...settings }: ReplaySettings): {
  sendFrom: "job" | "local";
  settings: ReplaySettings;
} {
  if (from === "job" || from === "local") {
    if (sendFrom !== undefined && sendFrom !== from)
      throw new OperatorError(`replay: --send-from ${sendFrom} and --from ${from} contradict each other`);
    return { sendFrom: from, settings };
  }
  return { sendFrom: sendFrom ?? "job", settings: from === undefined ? settings : { ...settings, from } };
}

function refuseElsewhere({ target, baseline, lane, isolate }: ReplaySettings): void {
  const wrong = [
    [target, "--target"],
    [baseline, "--baseline"],
    [lane.at(0), "--lane"],
    [isolate, "--isolate"],
  ].find(([value]) => value !== undefined)?.[1];
  if (wrong === undefined) return;
  const instead = wrong === "--baseline" ? ": give --baseline-namespace" : ": the namespace says where calls go";
  throw new OperatorError(`replay: ${wrong} cannot go with -n${instead}`);
}

/** What a pod cannot do for this machine. */
function refuseInJob({ follow, resetCommand, keepHost }: ReplaySettings): void {
  // A sidecar sends a call where its host says, whatever address it was for: to the recorded service, in the end.
  if (keepHost)
    throw new OperatorError(
      "replay: --keep-host would lead calls out of the namespace: the Job's sidecar sends them by host; send from here with --from local",
    );
  const wrong = follow ? "--follow" : resetCommand === undefined ? undefined : "--reset-command";
  if (wrong !== undefined)
    throw new OperatorError(`replay: ${wrong} works on this machine alone: send from here with --from local`);
}

/** Settings that only a replay into a namespace reads. Throws an OperatorError where one is given without -n. */
export function refuseWithoutNamespace(settings: ReplaySettings): void {
  const { baselineNamespace, map, sendFrom, unfenced, image } = settings;
  const given = [
    [baselineNamespace, "--baseline-namespace"],
    [map.at(0), "--map"],
    [sendFrom, "--send-from"],
    [unfenced || undefined, "--unfenced"],
    [image, "--image"],
  ].find(([value]) => value !== undefined)?.[1];
  if (given !== undefined) throw new OperatorError(`replay: ${given} goes with -n NAMESPACE`);
}
