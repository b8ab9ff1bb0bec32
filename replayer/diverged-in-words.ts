import type { Attribution, Divergence } from "../tape/index.js";

/** Why a run diverged, in one sentence: how many divergences, what they are due to, in how many routes, and the first of them. */
export function divergedInWords(divergences: readonly Divergence[]): string {
  const routes = new Set(divergences.map(({ hop, route }) => `${hop}\0${route}`)).size;
  const where = routes > 1 ? `, in ${routes} routes` : "";
  const lead = divergences.length > 1 ? "; first " : ": ";
  return `${dueTo(divergences)}${where}${lead}${firstInWords(divergences)}`;
}

/** The first of them, and how many more there are. */
export function firstAndMore(divergences: readonly Divergence[]): string {
  const more = divergences.length === 1 ? "" : `, and ${divergences.length - 1} more`;
  return `${firstInWords(divergences)}${more}`;
}

/** In the order they are told in. */
const causes: readonly [attribution: Attribution, inWords: string][] = [
  ["version", "the version"],
  ["interaction", "the version under a fault"],
  ["fault", "a fault"],
  ["unattributed", "a cause that was not measured"],
  ["unproven-noise", "noise that is not proven"],
];

function dueTo(divergences: readonly Divergence[]): string {
  const counts = causes
    .map(([attribution, inWords]) => ({
      inWords,
      count: divergences.filter((one) => one.attribution === attribution).length,
    }))
    .filter(({ count }) => count > 0);
  const [first, ...others] = counts;
  const nouns = first!.count === 1 ? "divergence is" : "divergences are";
  if (others.length === 0 && divergences[0]!.attribution === "unattributed")
    return `${first!.count} ${first!.count === 1 ? "divergence" : "divergences"}`;
  return [
    `${first!.count} ${nouns} due to ${first!.inWords}`,
    ...others.map(({ count, inWords }) => `${count} to ${inWords}`),
  ].join(" and ");
}

/** `at reviews GET /reviews/{id}: status 200 → 500, 19 of 72`; the hop where others were looked at. */
function firstInWords([first]: readonly Divergence[]): string {
  const { hop, route, count, of, firstHop } = first!;
  const at = firstHop === undefined ? "" : `at ${hop} `;
  return `${at}${route}: ${whatChanged(first!)}, ${count} of ${of}`;
}

function whatChanged({ kind, place, examples }: Divergence): string {
  const [example] = examples;
  if ((kind === "status" || kind === "failure") && example !== undefined)
    return `${place} ${example.expected} → ${example.actual}`;
  return `${kind.replaceAll("-", " ")} at ${place}`;
}
