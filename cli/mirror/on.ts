import { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../../base/index.js";
import {
  type Cluster,
  type FilterTarget,
  type HopsWish,
  hopsOf,
  mirrorHopsOn,
  mirrorNotes,
  mirrorOn,
  parseRecorder,
  requirePermit,
  wouldMirror,
  wouldMirrorHops,
} from "../../mesh/index.js";
import { istioConfigFor, sampleMatch } from "../../recorder/index.js";
import type { Io } from "../io.js";
import { addClusterOptions, clusterFor, clusterSettings } from "../mesh/cluster.js";
import { emitSetting, emittedText, isManagedLet } from "../mesh/emit.js";
import { addStaleOption, meetStale, staleSettings } from "../mesh/stale.js";
import { flagSetting, readSettings, shareSetting } from "../settings.js";
import { beginWait, waitSetting } from "./wait.js";

const onSettings = z.strictObject({
  ...clusterSettings,
  to: z.string(),
  hops: flagSetting.prefault(false),
  vantage: z.enum(["mirror", "ext-proc"]).default("mirror"),
  sample: shareSetting.optional(),
  match: z.string().startsWith("/", "must be the beginning of a path, such as /reviews").optional(),
  wait: waitSetting.optional(),
  why: z.string().optional(),
  emit: emitSetting.optional(),
  evenIfManaged: flagSetting.prefault(false),
  ...staleSettings,
});
type OnSettings = z.output<typeof onSettings>;

const examples = `
Examples:
  $ tapeloop mirror on reviews -n shop --to recorder.tapeloop:8080 --sample 25%
  $ tapeloop mirror on --hops -n shop --to recorder.tapeloop:8080 --wait
      every service of the namespace; ends when a copy has arrived
  $ tapeloop mirror on reviews -n shop --to recorder.tapeloop:50051 --vantage ext-proc
      requests and answers, told by the proxies before reviews`;

/** `tapeloop mirror on`: changes routes, or makes filters, through the journal. */
export function mirrorOnCommand(io: Io): Command {
  const command = new Command("on")
    .description("turn the mirror of a service, or of every service of a namespace, on")
    .argument("[service]", "name of the Service")
    .option("--to <recorder>", "the recorder: SERVICE.NAMESPACE:PORT")
    .option("--hops", "every service of the namespace that has pods and speaks HTTP")
    .option(
      "--vantage <vantage>",
      "mirror (copies of requests, by callers' proxies) or ext-proc (requests and answers, by those before the service) (default: mirror)",
    )
    .option(
      "--sample <share>",
      "this share of whole traces, chosen by x-request-id, the same at every hop (default: all)",
    )
    .option("--match <path>", "only requests whose path begins so")
    .option("--wait [duration]", "wait until a call of somebody's has arrived at the recorder (for 30s at most)")
    .option("--why <text>", "for the journal")
    .option("--emit <format>", "print what would be changed, as yaml or kustomize, and change nothing")
    .option("--even-if-managed", "edit what Argo CD, Flux or Helm manages, too");
  return addClusterOptions(addStaleOption(command))
    .addHelpText("after", examples)
    .action(async (service: string | undefined, _options, asked: Command) => {
      const settings = readSettings(asked, "mirror", onSettings, io);
      if ((service === undefined) !== settings.hops)
        throw new OperatorError("mirror on: name a service, or give --hops");
      const command = settings.vantage === "ext-proc" ? "mirror ext-proc" : "mirror on";
      const cluster = await clusterFor(command, settings, io.env, io.signal);
      const wish = wishOf(settings, cluster);
      if (settings.emit !== undefined) {
        const changes =
          service === undefined ? wouldMirrorHops(cluster, wish) : wouldMirror(cluster, { ...wish, service });
        io.stdout.write(emittedText(await changes, settings.emit));
        return;
      }
      await meetStale(cluster, wish.namespace, settings, io);
      await turnOn(cluster, { wish, service, settings }, io);
    });
}

function wishOf(settings: OnSettings, cluster: Cluster): HopsWish {
  const namespace = settings.namespace ?? cluster.namespace;
  const { vantage, sample, match } = settings;
  if (vantage === "ext-proc" && (sample !== undefined || match !== undefined)) {
    throw new OperatorError(
      "mirror on: --sample and --match choose copies; with --vantage ext-proc have the recorder choose: record --sample, --keep",
    );
  }
  return defined({
    ...{ namespace, evenIfManaged: isManagedLet(settings), to: parseRecorder(settings.to, namespace) },
    requestIds: sample === undefined ? undefined : sampleMatch(sample).regex,
    pathPrefix: match,
    extProc: vantage === "ext-proc" ? filtersFor : undefined,
  });
}

/** What a filter has to say is the recorder's to know. */
function filtersFor(target: FilterTarget): object[] {
  return istioConfigFor({ tells: "ext-proc", context: "inbound", ...target });
}

interface Asked {
  wish: HopsWish;
  /** Undefined for all of the namespace. */
  service: string | undefined;
  settings: OnSettings;
}

async function turnOn(cluster: Cluster, { wish, service, settings }: Asked, io: Io): Promise<void> {
  const { wait, vantage, why, to } = settings;
  const waiting =
    wait === undefined ? undefined : await beginWait(cluster, { ...wish, vantage, ...(service && { service }) });
  const notes = await notesFor(cluster, wish, service);
  const how = vantage === "ext-proc" ? " by ext-proc" : "";
  if (service !== undefined) {
    const filed = await mirrorOn(cluster, { ...wish, service }, why);
    io.stdout.write(
      filed === undefined
        ? `${service} is mirrored to ${to} already; nothing was changed\n`
        : `${service} is mirrored${how} to ${to}; put back with: tapeloop mirror off ${service} -n ${wish.namespace}\n`,
    );
  } else {
    const { services, turnedOn, leftOut } = await mirrorHopsOn(cluster, wish, why);
    for (const one of services) {
      io.stdout.write(`${one} is mirrored${how} to ${to}${turnedOn.includes(one) ? "" : " already"}\n`);
    }
    for (const one of leftOut) io.stdout.write(`${one.service} is not mirrored: ${one.why}\n`);
    io.stdout.write(`put back with: tapeloop mirror off --all -n ${wish.namespace}\n`);
  }
  for (const note of notes) io.stderr.write(`tapeloop: note: ${note}\n`);
  if (waiting !== undefined && wait !== undefined) io.stdout.write(await waiting(wait, io.signal));
}

/** Read before anything is changed: what is done is said without another look. */
async function notesFor(cluster: Cluster, wish: HopsWish, service: string | undefined): Promise<string[]> {
  await requirePermit(cluster, wish.namespace, "mirror");
  const onePerPods = wish.extProc !== undefined;
  const hops = { recorder: wish.to.host, onePerPods };
  const services = service === undefined ? (await hopsOf(cluster, wish.namespace, hops)).services : [service];
  return mirrorNotes(cluster, wish, services);
}
