import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError, reasonOf } from "../../base/index.js";
import {
  contrastLanes,
  type FaultPlan,
  type LaneByHand,
  parseFaultPlan,
  type ReplayOptions,
} from "../../replayer/index.js";
import type { Io } from "../io.js";
import { flagSetting, urlSetting } from "../settings.js";
import { runReset } from "./reset-command.js";

const many = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

/** Settings of `replay` about where the tape is sent, under which faults, and how noise is told. */
export const laneSettings = {
  target: urlSetting.optional(),
  baseline: urlSetting.optional(),
  aa: flagSetting.prefault(false),
  faults: z.string().min(1).optional(),
  lane: many.prefault([]),
  lanes: z.enum(["parallel", "sequential"]).default("parallel"),
  resetCommand: z.string().min(1).optional(),
  maxResend: z.coerce.number().int().min(0).max(1000).optional(),
  strict: flagSetting.prefault(false),
};
const shape = z.object(laneSettings);
type LaneSettings = z.output<typeof shape>;

export function addLaneOptions(command: Command): Command {
  return command
    .option("--target <url>", "the candidate: where the new version stands")
    .option(
      "--baseline <url>",
      "send the same to the old version too, and compare with its answers instead of the recorded ones",
    )
    .option("--aa", "send everything to the baseline twice: what differs between the two is noise")
    .option(
      "--faults <plan.yaml>",
      "send everything once more to each lane, requests marked for the faults of this plan",
    )
    .option("--lane <lane...>", "a lane by hand: name=URL[,version=old|new][,faults=plan.yaml] (default version: new)")
    .option("--lanes <how>", "parallel, or sequential: one lane after the other (default: parallel)")
    .option("--reset-command <command>", "with --lanes sequential: run this between two lanes, to put state back")
    .option("--max-resend <n>", "send what is in doubt again, at most so often, to tell noise (default: 8)")
    .option("--strict", "fail on what may be noise but is not proven to be, too");
}

/** What of the room's options they make. Reads the fault plans. */
export function laneOptionsOf(
  settings: LaneSettings,
  io: Io,
): Pick<ReplayOptions, "target" | "baseline" | "aa" | "faults" | "lanes" | "sequence" | "maxResend" | "strict"> {
  const { target, baseline, aa, maxResend, strict } = settings;
  const plans = new Map<string, FaultPlan>();
  const planOf = (file: string) => {
    const plan = plans.get(file) ?? readFaultPlan(file, io);
    plans.set(file, plan);
    return plan;
  };
  const options = defined({
    ...{ target, baseline, aa, maxResend, strict },
    faults: settings.faults === undefined ? undefined : planOf(settings.faults),
    lanes: settings.lane.map((text) => parseLane(text, planOf)),
    sequence: sequenceOf(settings, io),
  });
  // Nonsense is refused before a tape is opened.
  contrastLanes(options);
  return options;
}

/** The hosts of all targets. */
export function targetHosts({ target, baseline, lane }: LaneSettings): string[] {
  const byHand = lane.map((text) => laneParts(text).target);
  return [target, baseline, ...byHand].flatMap((url) => (url === undefined ? [] : [new URL(url).hostname]));
}

function parseLane(text: string, planOf: (file: string) => FaultPlan): LaneByHand {
  const { name, target, version = "new", faults } = laneParts(text);
  return { name, target, version, ...(faults === undefined ? {} : { faults: planOf(faults) }) };
}

interface LaneParts {
  name: string;
  target: string;
  version?: "old" | "new";
  faults?: string;
}

/** `name=URL[,version=old|new][,faults=plan.yaml]`; throws an OperatorError that names what is wrong. */
function laneParts(text: string): LaneParts {
  const refused = (what: string) =>
    new OperatorError(
      `--lane "${text}": ${what}; write it like next=http://127.0.0.1:9081,version=new,faults=plan.yaml`,
    );
  const [first = "", ...more] = text.split(",");
  const [, name, target] = /^([^=]+)=(.+)$/.exec(first) ?? [];
  if (name === undefined || target === undefined) throw refused("it has no name=URL");
  const url = urlSetting.safeParse(target);
  if (!url.success) throw refused(`"${target}" ${url.error.issues[0]!.message}`);
  const parts: LaneParts = { name, target: url.data };
  for (const one of more) {
    const [key, value = ""] = one.split("=", 2);
    if (key === "version" && (value === "old" || value === "new")) parts.version = value;
    else if (key === "faults" && value !== "") parts.faults = value;
    else throw refused(`"${one}" is neither version=old, version=new nor faults=FILE`);
  }
  return parts;
}

function sequenceOf({ lanes, resetCommand }: LaneSettings, io: Io): ReplayOptions["sequence"] {
  if (lanes === "sequential")
    return resetCommand === undefined ? {} : { reset: (next) => runReset(resetCommand, next, io) };
  if (resetCommand === undefined) return undefined;
  throw new OperatorError("--reset-command runs between lanes: give it with --lanes sequential");
}

function readFaultPlan(file: string, io: Io): FaultPlan {
  let text: string;
  try {
    text = readFileSync(resolve(io.folder, file), "utf8");
  } catch (cause) {
    throw new OperatorError(`cannot read faults from ${file}: ${reasonOf(cause)}`, { cause });
  }
  return parseFaultPlan(text, file);
}
