import { defined } from "../../../base/index.js";
import { forwardDestinations, requireAccess } from "../../../mesh/index.js";
import type { RunSummary } from "../../../tape/index.js";
import type { Io } from "../../io.js";
import { clusterFor } from "../../mesh/cluster.js";
import type { ReplaySettings } from "../../replay.js";
import { replayInto } from "../into.js";
import { namespaceWish } from "../namespace.js";
import { destinationsText } from "./destinations-view.js";
import { requireFence } from "./fence.js";
import { hopsOpener } from "./hops.js";
import { byAuthorityOf, type NamespacePlan, planFor } from "./plan.js";
import { replayFromJob } from "./replay-from-job.js";

/** As `replayInto`, with the Services of a namespace for a target: sent from inside it, or from here through the API server. */
export async function replayIntoNamespace(runPath: string, settings: ReplaySettings, io: Io): Promise<RunSummary> {
  const wish = namespaceWish(settings);
  const command = wish.sendFrom === "job" ? "replay" : "replay --from local";
  const cluster = await clusterFor(command, settings, io.env, io.signal);
  await requireAccess(cluster, wish.namespace, command);
  const plan = await planFor(wish, cluster, io);
  io.stderr.write(destinationsText(plan.destinations));
  await requireFence(plan, io);
  return wish.sendFrom === "job" ? replayFromJob(runPath, plan, io) : replayFromHere(runPath, plan, io);
}

async function replayFromHere(runPath: string, plan: NamespacePlan, io: Io): Promise<RunSummary> {
  const { wish, cluster, runId } = plan;
  io.stderr.write(
    "tapeloop: note: sent from this machine through the API server, past the sidecars in front of the Services called: faults on the first hop do not apply, and times are those of a detour\n",
  );
  const ways = await forwardDestinations(cluster, plan.destinations);
  const hops = await hopsOpener(plan, io);
  try {
    const byAuthority = byAuthorityOf(
      plan.namespaces,
      ways.destinations.map(({ localUrl, ...to }) => ({
        ...to,
        target: { url: localUrl, authority: new URL(to.url).host },
      })),
    );
    return await replayInto(runPath, wish.settings, io, defined({ byAuthority, runId, openHops: hops?.open }));
  } finally {
    await hops?.close();
    await ways.close();
  }
}
