import type { RunSummary } from "../../../tape/index.js";
import type { TrueChange } from "../case.js";
import type { Finding } from "./finding.js";
import { depthOf, isPlace, type Reading } from "./score.js";

/** What a report of ours lists as more than noise. */
export function ourFindings({ divergences }: Pick<RunSummary, "divergences">): Finding[] {
  return divergences.filter(({ attribution }) => attribution !== "noise" && attribution !== "unproven-noise");
}

/** Place and kind must be right to the letter. Above, the answer of the service below is a part of the body. */
export const ourReading: Reading = {
  isAt: (finding, change) =>
    finding.hop === change.hop &&
    (change.route?.test(finding.route) ?? true) &&
    isPlace(finding.place, change.places) &&
    change.kinds.includes(finding.kind!),
  isAbove: ({ hop, place }, change) => depthOf(hop) < depthOf(change.hop) && surfacesAt(place, hop, change),
};

function surfacesAt(place: string, hop: string, { hop: origin, places, surfaces }: TrueChange): boolean {
  if (surfaces !== undefined) return surfaces.test(place);
  const inner = `body:${"/inner".repeat(depthOf(origin) - depthOf(hop))}`;
  return places.some((below) => {
    if (typeof below !== "string") return false;
    if (below === "timing") return place === "timing";
    // What is no part of the body shows above as another answer altogether.
    if (!below.startsWith("body:")) return place === "status" || place === "body" || place.startsWith(inner);
    return place === inner + below.slice("body:".length);
  });
}
