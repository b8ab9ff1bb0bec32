import { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../base/index.js";
import {
  type Cluster,
  type FaultState,
  type FaultWish,
  faultOff,
  faultOn,
  faultsOn,
  listFaults,
  wouldFault,
} from "../mesh/index.js";
import { faultExamples, type TypedFault, typedFault } from "../virtual-service/index.js";
import { labelOf } from "./fault/label.js";
import { wishesOfPlan } from "./fault/plan.js";
import type { Io } from "./io.js";
import { addClusterOptions, clusterFor, clusterSettings } from "./mesh/cluster.js";
import { emitSetting, emittedText, isManagedLet } from "./mesh/emit.js";
import { addListingOptions, listingSettings, namespaceListed } from "./mesh/listing.js";
import { nothingText } from "./mesh/nothing.js";
import { offCommand } from "./mesh/off.js";
import { addStaleOption, meetStale, staleSettings } from "./mesh/stale.js";
import { flagSetting, readSettings, shareSetting } from "./settings.js";

const onSettings = z.strictObject({
  ...clusterSettings,
  ...Object.fromEntries(faultExamples.map(({ name }) => [name, z.coerce.string().optional()])),
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/, "must be of lower-case letters, digits and '-'")
    .optional(),
  mark: z
    .string()
    .regex(/^[0-9a-f]{8}$/, "must be eight hex digits, in lower case: the mark of a fault plan")
    .optional(),
  share: shareSetting.optional(),
  from: z.string().optional(),
  plan: z.string().min(1).optional(),
  why: z.string().optional(),
  emit: emitSetting.optional(),
  evenIfManaged: flagSetting.prefault(false),
  ...staleSettings,
});
type OnSettings = z.output<typeof onSettings> & Record<string, unknown>;
const listSettings = z.strictObject(listingSettings);
const off = {
  of: "fault",
  service: "name of the Service that is called",
  example: "--all -n shop",
  putBack: faultOff,
} as const;

/** `tapeloop fault`: faults on the calls to a service, by its VirtualService; always to be put back. */
export function faultCommand(io: Io): Command {
  return new Command("fault")
    .description("have the mesh delay or abort calls to a service: marked ones exactly, or a share of all")
    .addCommand(onCommand(io))
    .addCommand(offCommand(off, io))
    .addCommand(listCommand(io));
}

function onCommand(io: Io): Command {
  const command = new Command("on")
    .description("turn a fault on the calls to a service on")
    .argument("[service]", "name of the Service that is called")
    .option("--plan <file>", "instead of a service: every fault of a fault plan, on the service that it names");
  for (const { name, example } of faultExamples) command.option(`--${name} <what>`, `such as ${example}`);
  command
    .option("--name <name>", "in the fault plan, and for the journal (default: the kinds of fault)")
    .option("--mark <hex>", "only requests that carry this mark of a fault plan, all of them")
    .option("--share <share>", "instead of a mark: this share of all calls, drawn for each")
    .option("--from <label>", "only calls from pods with this label, such as app=reviews")
    .option("--why <text>", "for the journal")
    .option("--emit <format>", "print what would be changed, as yaml or kustomize, and change nothing")
    .option("--even-if-managed", "edit what Argo CD, Flux or Helm manages, too");
  return addClusterOptions(addStaleOption(command))
    .addHelpText(
      "after",
      "\nExamples:\n  $ tapeloop fault on ratings -n shop --abort 503 --name ratings-down --mark deadbeef\n  $ tapeloop fault on --plan fault-plan.yaml -n shop",
    )
    .action(async (service: string | undefined, _options, asked: Command) => {
      const settings = readSettings(asked, "fault", onSettings, io) as OnSettings;
      const cluster = await clusterFor("fault on", settings, io.env, io.signal);
      if (settings.plan !== undefined) return onByPlan(service, settings, cluster, io);
      if (service === undefined) throw new OperatorError("fault on: name the service that is called, or give --plan");
      const wish = wishOf(service, settings, cluster);
      if (settings.emit !== undefined) {
        const { changes } = await wouldFault(cluster, wish);
        io.stdout.write(emittedText(changes, settings.emit));
        return;
      }
      await meetStale(cluster, wish.namespace, settings, io);
      const { filed, warnings } = await faultOn(cluster, wish, settings.why);
      for (const warning of warnings) io.stderr.write(`tapeloop: note: ${warning}\n`);
      io.stdout.write(`${filed.entry.what}; put back with: tapeloop fault off ${service} -n ${wish.namespace}\n`);
    });
}

/** All of a plan's faults, or none. */
async function onByPlan(service: string | undefined, settings: OnSettings, cluster: Cluster, io: Io): Promise<void> {
  const { plan: file, mark, share, from, name, emit, evenIfManaged, why } = settings;
  const beside = [service, mark, share, from, name, emit, ...faultExamples.map((kind) => settings[kind.name])];
  if (beside.some((one) => one !== undefined))
    throw new OperatorError("fault on: --plan says which faults there are: nothing else goes with it but --why");
  const namespace = settings.namespace ?? cluster.namespace;
  const wishes = wishesOfPlan(file!, { namespace, evenIfManaged }, io);
  await meetStale(cluster, namespace, settings, io);
  for (const { filed, warnings } of await faultsOn(cluster, wishes, why)) {
    for (const warning of warnings) io.stderr.write(`tapeloop: note: ${warning}\n`);
    io.stdout.write(`${filed.entry.what}\n`);
  }
  io.stdout.write(`put back with: tapeloop fault off --all -n ${namespace}\n`);
}

function wishOf(service: string, settings: OnSettings, cluster: Cluster): FaultWish {
  const faults = faultExamples.flatMap(({ name, example }) => typed(name, example, settings[name]));
  if (faults.length === 0) {
    throw new OperatorError(`fault on: say what it does: ${faultExamples.map(({ name }) => `--${name}`).join(" or ")}`);
  }
  if ((settings.mark === undefined) === (settings.share === undefined)) {
    throw new OperatorError(
      "fault on: say which calls meet it: --mark for those a fault plan marks, or --share for a share of all",
    );
  }
  return defined({
    ...{ service, faults, evenIfManaged: isManagedLet(settings) },
    namespace: settings.namespace ?? cluster.namespace,
    name: settings.name ?? faults.map(({ kind }) => kind).join("-"),
    mark: settings.mark,
    percent: (settings.share ?? 1) * 100,
    from: settings.from === undefined ? undefined : labelOf(settings.from, "fault on: --from"),
  });
}

function typed(name: string, example: string, text: unknown): TypedFault[] {
  if (text === undefined) return [];
  const fault = typedFault(name, String(text));
  if (fault === undefined) throw new OperatorError(`fault on: --${name}: must be such as ${example} (got "${text}")`);
  return [fault];
}

function listCommand(io: Io): Command {
  return addListingOptions(
    new Command("list").description(
      "the faults that were turned on, since when and by whom, and whether they still are",
    ),
  )
    .addHelpText("after", "\nExample:\n  $ tapeloop fault list -n shop")
    .action(async (_options, asked: Command) => {
      const settings = readSettings(asked, "fault", listSettings, io);
      const cluster = await clusterFor("fault list", settings, io.env);
      const namespace = namespaceListed(settings, cluster);
      const faults = await listFaults(cluster, namespace);
      const nothing = faults.length > 0 ? "" : await nothingText(cluster, namespace, "no fault of ours is on");
      io.stdout.write(
        settings.json ? `${JSON.stringify(faults, null, 2)}\n` : nothing || faults.map(listLine).join(""),
      );
    });
}

function listLine({ namespace, service, what, since, by, standing }: FaultState): string {
  const line = `${namespace}: ${what}; since ${since} by ${by}`;
  const close = `tapeloop fault off ${service} -n ${namespace}`;
  switch (standing) {
    case "as-left":
      return `${line}\n`;
    case "changed":
      return `${line}; NOT all there as it was turned on: put back what is left with: ${close}\n`;
    case "gone":
      return `${line}; NOT on: somebody has taken it out since; close its entry in the journal with: ${close}\n`;
  }
}
