import { Command } from "commander";
import { z } from "zod";
import { type MirrorLoss, type MirrorState, mirrorLoss, mirrorStatus } from "../../mesh/index.js";
import type { Io } from "../io.js";
import { clusterFor } from "../mesh/cluster.js";
import { addListingOptions, listingSettings, namespaceListed } from "../mesh/listing.js";
import { nothingText } from "../mesh/nothing.js";
import { readSettings } from "../settings.js";

const statusSettings = z.strictObject(listingSettings);

/** `tapeloop mirror status`: who mirrors what to where, since when, and what of it was lost as Envoy counts it. */
export function mirrorStatusCommand(io: Io): Command {
  const command = new Command("status").description(
    "who mirrors whose requests to where, since when, and what Envoy counts as lost",
  );
  return addListingOptions(command)
    .addHelpText("after", "\nExample:\n  $ tapeloop mirror status -n shop")
    .action(async (_options, asked: Command) => {
      const settings = readSettings(asked, "mirror", statusSettings, io);
      const cluster = await clusterFor("mirror status", settings, io.env);
      const namespace = namespaceListed(settings, cluster);
      const mirrors = await mirrorStatus(cluster, namespace);
      const losses = await mirrorLoss(cluster, mirrors);
      const nothing = mirrors.length > 0 ? "" : await nothingText(cluster, namespace, "nothing is mirrored");
      io.stdout.write(
        settings.json ? `${JSON.stringify({ mirrors, losses }, null, 2)}\n` : nothing || statusText(mirrors, losses),
      );
    });
}

function statusText(mirrors: readonly MirrorState[], losses: readonly MirrorLoss[]): string {
  return [...mirrors.map(mirrorLine), ...losses.map(lossLine)].join("");
}

function mirrorLine({
  namespace,
  name,
  vantage,
  hosts,
  to,
  percent,
  narrowed,
  routes,
  leftOut,
  ours,
}: MirrorState): string {
  const share = narrowed
    ? "some requests, chosen by a match,"
    : percent === 100
      ? "all requests"
      : `a random ${percent}% of requests`;
  const what =
    vantage === "ext-proc"
      ? `all requests and answers of ${hosts.join(", ")}, by ext-proc, to ${to}`
      : `${share} of ${hosts.join(", ")} to ${to}, ${routes} route${routes === 1 ? "" : "s"}`;
  const whose = ours === undefined ? "not ours" : `since ${ours.since} by ${ours.by}`;
  const without = leftOut === undefined ? "" : `; without ${leftOut.join("; ")}`;
  return `${namespace}/${name}: ${what}${without}; ${whose}\n`;
}

function lossLine({ namespace, to, vantage, counts }: MirrorLoss): string {
  const from = `from ${namespace} to ${to}`;
  if ("notKnown" in counts) return `  ${from}: what was sent and lost is not known: ${counts.notKnown}\n`;
  const { pods, strangers, unread, sent, failed, timedOut, unconnected, overflowed, untold } = counts;
  const parts = [
    `${sent} ${vantage === "mirror" ? "copies" : "calls"} sent by ${pods.length} sidecar${pods.length === 1 ? "" : "s"}`,
    `${failed} failed (${timedOut} timed out), ${unconnected} connections not made`,
    `${overflowed ?? "not known how many"} left out at a bound`,
    ...(vantage === "ext-proc" ? [`${untold ?? "not known how many"} not told of`] : []),
    ...(strangers.length === 0 ? [] : [`${strangers.length} sidecars know no instance of it`]),
    ...(unread.length === 0 ? [] : [`${unread.length} could not be asked: ${unread[0]!.why}`]),
  ];
  return `  ${from}: ${parts.join("; ")}\n`;
}
