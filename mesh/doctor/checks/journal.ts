import { reasonOf } from "../../../base/index.js";
import type { ClusterObject } from "../../cluster/object.js";
import { marksOf } from "../../journal/content.js";
import { configMapName, entryOf, journalLabel } from "../../journal/entry.js";
import { isStale } from "../../journal/stale.js";
import type { Check } from "../check.js";
import { type Finding, placeOf } from "../finding.js";
import { objectsOf } from "../seen.js";

/** TL0801, TL0802: what a command has left behind that ended without putting back. */
export const staleJournal: Check = {
  name: "the journal",
  needs: ["ConfigMap"],
  look: (seen) => objectsOf(seen, "ConfigMap").filter(isEntry).flatMap(findingFor),
};

function isEntry({ metadata }: ClusterObject): boolean {
  return metadata.labels?.[journalLabel] === "true";
}

function findingFor(configMap: ClusterObject): Finding[] {
  const place = placeOf(configMap);
  const restore = `tapeloop restore -n ${configMap.metadata.namespace ?? "NAMESPACE"}`;
  try {
    const entry = entryOf(configMap);
    if (!isStale(entry)) return [];
    const seen = `${entry.by} began "${entry.what}" at ${entry.at}, and its command is gone without putting it back`;
    return [{ ...{ id: "TL0801", severity: "error", place, seen }, fix: restore }];
  } catch (cause) {
    const fix = "put back by hand what it speaks of, then delete it";
    return [{ ...{ id: "TL0802", severity: "error", place, seen: reasonOf(cause) }, fix }];
  }
}

/** TL0803: an object that says it was changed by us, and nothing says how it was before. */
export const lostEntries: Check = {
  name: "changed objects without a journal entry",
  needs: ["ConfigMap", "VirtualService"],
  look: (seen) => {
    const entries = new Set(objectsOf(seen, "ConfigMap").map(({ metadata }) => metadata.name));
    return seen.objects.flatMap((object) =>
      (object.kind === "ConfigMap" ? [] : marksOf(object))
        .filter((id) => !entries.has(configMapName(id)))
        .map(
          (id): Finding => ({
            ...{ id: "TL0803", severity: "warning", place: placeOf(object, "metadata.annotations") },
            seen: `it says that journal entry ${id} knows how it was before, and there is no such entry`,
            fix: "look whether anything of ours is still in it, then take the annotation tapeloop.io/journal away",
          }),
        ),
    );
  },
};
