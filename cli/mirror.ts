import { Command } from "commander";
import { stringify } from "yaml";
import { z } from "zod";
import { defined, OperatorError } from "../base/index.js";
import {
  type Cluster,
  emitted,
  type MirrorState,
  mirrorOff,
  mirrorOn,
  mirrorStatus,
  parseRecorder,
  wouldMirror,
} from "../mesh/index.js";
import { sampleMatch } from "../recorder/index.js";
import type { Io } from "./io.js";
import { addClusterOptions, clusterOf, clusterSettings } from "./mesh/cluster.js";
import { putBackText } from "./mesh/put-back-view.js";
import { flagSetting, readSettings, shareSetting } from "./settings.js";

const onSettings = z.strictObject({
  ...clusterSettings,
  to: z.string(),
  sample: shareSetting.optional(),
  match: z.string().startsWith("/", "must be the beginning of a path, such as /reviews").optional(),
  why: z.string().optional(),
  emit: z.enum(["yaml", "kustomize"]).optional(),
  evenIfManaged: flagSetting.prefault(false),
});
const offSettings = z.strictObject({ ...clusterSettings, all: flagSetting.prefault(false) });
const statusSettings = z.strictObject({
  ...clusterSettings,
  all: flagSetting.prefault(false),
  json: flagSetting.prefault(false),
});

/** `tapeloop mirror`: copies of a service's requests to a recorder, by its VirtualService; always to be put back. */
export function mirrorCommand(io: Io): Command {
  return new Command("mirror")
    .description("have the mesh send copies of a service's requests to a recorder")
    .addCommand(onCommand(io))
    .addCommand(offCommand(io))
    .addCommand(statusCommand(io));
}

function onCommand(io: Io): Command {
  const command = new Command("on")
    .description("turn the mirror of a service on")
    .argument("<service>", "name of the Service")
    .requiredOption("--to <recorder>", "the recorder: SERVICE.NAMESPACE:PORT")
    .option(
      "--sample <share>",
      "this share of whole traces, chosen by x-request-id, the same at every hop (default: all)",
    )
    .option("--match <path>", "only requests whose path begins so")
    .option("--why <text>", "for the journal")
    .option("--emit <format>", "print what would be changed, as yaml or kustomize, and change nothing")
    .option("--even-if-managed", "edit what Argo CD, Flux or Helm manages, too");
  return addClusterOptions(command)
    .addHelpText("after", "\nExample:\n  $ tapeloop mirror on reviews -n shop --to recorder.tapeloop:8080 --sample 25%")
    .action(async (service: string, _options, asked: Command) => {
      const settings = readSettings(asked, "mirror", onSettings, io);
      const cluster = clusterOf(settings, io.env);
      const wish = wishOf(service, settings, cluster);
      if (settings.emit !== undefined) return emit(await wouldMirror(cluster, wish), settings.emit, io);
      const filed = await mirrorOn(cluster, wish, settings.why);
      const to = settings.to;
      io.stdout.write(
        filed === undefined
          ? `${service} is mirrored to ${to} already; nothing was changed\n`
          : `${service} is mirrored to ${to}; put back with: tapeloop mirror off ${service} -n ${wish.namespace}\n`,
      );
    });
}

function wishOf(service: string, settings: z.output<typeof onSettings>, cluster: Cluster) {
  const namespace = settings.namespace ?? cluster.namespace;
  return defined({
    ...{ service, namespace, evenIfManaged: settings.evenIfManaged, to: parseRecorder(settings.to, namespace) },
    requestIds: settings.sample === undefined ? undefined : sampleMatch(settings.sample).regex,
    pathPrefix: settings.match,
  });
}

function emit(changes: Parameters<typeof emitted>[0], format: "yaml" | "kustomize", io: Io): void {
  const documents = emitted(changes, format).map((document) => stringify(document, { lineWidth: 0 }));
  io.stdout.write(documents.join("---\n"));
}

function offCommand(io: Io): Command {
  const command = new Command("off")
    .description("put back what mirror on has changed")
    .argument("[service]", "name of the Service")
    .option("--all", "every mirror of the namespace that the journal knows");
  return addClusterOptions(command)
    .addHelpText("after", "\nExample:\n  $ tapeloop mirror off reviews -n shop")
    .action(async (service: string | undefined, _options, asked: Command) => {
      const settings = readSettings(asked, "mirror", offSettings, io);
      if ((service === undefined) !== settings.all)
        throw new OperatorError("mirror off: name a service, or give --all");
      const cluster = clusterOf(settings, io.env);
      const done = await mirrorOff(cluster, settings.namespace ?? cluster.namespace, service);
      io.stdout.write(
        done.length === 0 ? "the journal knows of no such mirror; nothing was changed\n" : putBackText(done),
      );
    });
}

function statusCommand(io: Io): Command {
  const command = new Command("status")
    .description("who mirrors whose requests to where, since when")
    .option("--all", "in all namespaces")
    .option("--json", "as JSON");
  return addClusterOptions(command)
    .addHelpText("after", "\nExample:\n  $ tapeloop mirror status -n shop")
    .action(async (_options, asked: Command) => {
      const settings = readSettings(asked, "mirror", statusSettings, io);
      const cluster = clusterOf(settings, io.env);
      const states = await mirrorStatus(cluster, settings.all ? undefined : (settings.namespace ?? cluster.namespace));
      io.stdout.write(settings.json ? `${JSON.stringify(states, null, 2)}\n` : statusText(states));
    });
}

function statusText(states: readonly MirrorState[]): string {
  if (states.length === 0) return "nothing is mirrored\n";
  return states.map(stateLine).join("");
}

function stateLine({ namespace, virtualService, hosts, to, percent, narrowed, routes, ours }: MirrorState): string {
  const share = narrowed
    ? "some requests, chosen by a match,"
    : percent === 100
      ? "all requests"
      : `a random ${percent}% of requests`;
  const whose = ours === undefined ? "not ours" : `since ${ours.since} by ${ours.by}`;
  return `${namespace}/${virtualService}: ${share} of ${hosts.join(", ")} to ${to}, ${routes} route${routes === 1 ? "" : "s"}; ${whose}\n`;
}
