import type { Finding, Place } from "./finding.js";

/** A check that could not be made. Never a pass: `doctor` ends with 3. */
export function unknownFinding(check: string, place: Place, why: string): Finding {
  return {
    id: "TL0001",
    severity: "unknown",
    place,
    seen: `${check} could not be checked: ${why}`,
    fix: "look again with the rights that `doctor` needs (docs/mesh.md), or look at it yourself",
  };
}
