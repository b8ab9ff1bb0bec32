import type { Divergence } from "../../tape/index.js";
import type { ThresholdSpec } from "../file/schema.js";

type Choice = NonNullable<ThresholdSpec["divergences"]>;

/** The groups of divergences that a threshold is about. What a choice does not speak of may be anything, noise excepted. */
export function chosenDivergences(divergences: readonly Divergence[], choice: Choice): Divergence[] {
  const { attribution, severity, blast, kind, hop } = choice;
  return divergences.filter((one) => {
    if (one.known === true) return false;
    if (attribution === undefined ? isNoise(one) : !attribution.includes(one.attribution)) return false;
    return (
      (severity?.includes(one.severity) ?? true) &&
      (blast === undefined || (one.blast !== undefined && blast.includes(one.blast))) &&
      (kind?.includes(one.kind) ?? true) &&
      (hop?.includes(one.hop) ?? true)
    );
  });
}

/** What speaks against a version where nothing else is asked for, as `replay` judges it without a verdict of its own. */
export function speaksAgainst(divergence: Divergence): boolean {
  if (isNoise(divergence) || divergence.known === true || divergence.undecided === true) return false;
  return divergence.attribution !== "fault" || divergence.blast !== "contained";
}

function isNoise({ attribution }: Divergence): boolean {
  return attribution === "noise" || attribution === "unproven-noise";
}
