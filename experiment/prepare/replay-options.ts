import { resolve } from "node:path";
import { defined, OperatorError, reasonOf } from "../../base/index.js";
import {
  type CallSelection,
  contrastLanes,
  type FaultPlan,
  lanesOf,
  parseHeaderOption,
  parseOrder,
  parsePace,
  type ReplayOptions,
  readRulesFile,
} from "../../replayer/index.js";
import { parseWhere } from "../../tape/index.js";
import type { ExperimentFile } from "../file/schema.js";
import type { LanePair } from "../fired/tally.js";

type Spec = ExperimentFile["spec"];

/** How many bytes of each answer's body are kept for comparing, as `replay` does. */
const keepBodyBytes = 16 * 2 ** 20;

/** The replay of an experiment. Throws an OperatorError that names the file and the place. */
export function replayOptionsOf(
  spec: Spec,
  plan: FaultPlan | undefined,
  { file, folder }: { file: string; folder: string },
): ReplayOptions {
  const at = <T>(key: keyof Spec, read: () => T) => naming(`${file}: spec.${key}`, read);
  const lanes = at("target", () => {
    const chosen = lanesOfExperiment(spec, plan);
    contrastLanes(chosen);
    return chosen;
  });
  const { concurrency, targetIsATest, sameTarget, allowWrites, skipRedacted, keepHost, keepIdempotencyKeys } = spec;
  return {
    ...{
      concurrency,
      targetIsATest,
      sameTarget,
      allowWrites,
      skipRedacted,
      keepHost,
      keepIdempotencyKeys,
      keepBodyBytes,
    },
    ...lanes,
    selection: at("where", () => selectionOf(spec)),
    order: at("order", () => parseOrder(spec.order)),
    pace: at("pace", () => parsePace(spec.pace)),
    minLive: 0.9,
    headers: at("headers", () => spec.headers.map(parseHeaderOption)),
    ...(spec.rules === undefined ? {} : { comparing: { rules: readRulesFile(resolve(folder, spec.rules)).rules } }),
  };
}

/** What the operator got wrong, with the place where it stands. */
function naming<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (wrong) {
    if (!(wrong instanceof OperatorError)) throw wrong;
    throw new OperatorError(`${place}: ${reasonOf(wrong)}`, { cause: wrong });
  }
}

type Lanes = Pick<ReplayOptions, "target" | "baseline" | "aa" | "faults" | "lanes">;

/** With a control run every lane is there twice, with faults and without; without one, once. */
function lanesOfExperiment({ target, baseline, aa, lanes, control }: Spec, plan: FaultPlan | undefined): Lanes {
  const byHand = lanes.map(({ faults, ...lane }) => (faults && plan !== undefined ? { ...lane, faults: plan } : lane));
  if (control || plan === undefined)
    return defined({ target, baseline, aa, faults: target === undefined ? undefined : plan, lanes: byHand });
  if (target !== undefined && baseline === undefined) {
    throw new OperatorError(
      "control: false leaves nothing to hold its lane under faults against: give a baseline, or leave the control run on",
    );
  }
  const both = [
    ...(baseline === undefined ? [] : [{ name: "baseline", target: baseline, version: "old" as const, faults: plan }]),
    ...(target === undefined ? [] : [{ name: "candidate", target, version: "new" as const, faults: plan }]),
  ];
  return { lanes: [...both, ...byHand] };
}

function selectionOf({ entry, service, where, limit, repeat }: Spec): CallSelection {
  if (entry && service !== undefined) {
    throw new OperatorError(
      "entry cannot go with service: choose the calls from outside, or those one service received",
    );
  }
  const said = [
    entry ? "entry" : "",
    service === undefined ? "" : `service ${service}`,
    where ?? "",
    limit === undefined ? "" : `the first ${limit}`,
    repeat === undefined ? "" : `${repeat} times`,
  ];
  const text = said.filter(Boolean).join("; ") || "all";
  return defined({ ...(where === undefined ? {} : parseWhere(where)), entry, service, limit, repeat, text });
}

/**
 * The lanes of the replay: which are sent to, which meet faults, with the one of the same target that meets none, and which
 * thresholds look at where nothing is said.
 */
export function lanesInWatch(
  options: ReplayOptions,
): Record<"all" | "faulted" | "candidates", string[]> & { pairs: LanePair[] } {
  const lanes = lanesOf(options);
  const faulted = lanes.filter(({ faults }) => faults !== undefined);
  const candidates = lanes.filter(({ version }) => version === "new");
  const underFaults = candidates.filter(({ faults }) => faults !== undefined);
  const names = (some: typeof lanes) => some.map(({ name }) => name);
  return {
    all: names(lanes),
    faulted: names(faulted),
    candidates: names(underFaults.length > 0 ? underFaults : candidates),
    pairs: faulted.map(({ name: faulted, target }) => {
      const plain = lanes.find((lane) => lane.target === target && lane.faults === undefined && !lane.repeat);
      return defined({ faulted, plain: plain?.name });
    }),
  };
}
