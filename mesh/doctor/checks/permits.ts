import { permits } from "../../permits.js";
import type { Check } from "../check.js";
import type { Finding } from "../finding.js";

/** TL0804: what the namespace is not open for. No fault, most namespaces should not be. */
export const missingPermits: Check = {
  name: "permits",
  needs: ["Namespace"],
  look: (seen) => {
    const home = seen.objects.find(({ kind, metadata }) => kind === "Namespace" && metadata.name === seen.namespace);
    const labels = home?.metadata.labels ?? {};
    const missing = Object.values(permits).filter((label) => labels[label] !== "true");
    if (home === undefined || missing.length === 0) return [];
    const note: Finding = {
      ...{ id: "TL0804", severity: "note", place: { kind: "Namespace", name: seen.namespace } },
      seen: `it has no label ${missing.join(", ")}: commands that need it refuse to run here`,
      fix: `whoever owns it opens it with: kubectl label namespace ${seen.namespace} ${missing.map((label) => `${label}=true`).join(" ")}`,
    };
    return [note];
  },
};
