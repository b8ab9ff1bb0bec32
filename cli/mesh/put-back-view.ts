import type { PutBack } from "../../mesh/index.js";

const outcomes: Readonly<Record<PutBack["outcome"], string>> = {
  "as-before": "put back, read back and compared: as it was",
  "ours-kept": "put back; what another change of ours put in is still there (tapeloop restore puts back all)",
  "edits-kept": "put back; what others changed since is still there",
  deleted: "made by us, deleted",
  gone: "somebody has deleted it since, and it stays so",
  untouched: "nothing of ours in it",
};

/** One line an object. */
export function putBackText(objects: readonly PutBack[]): string {
  return objects
    .map(({ kind, namespace, name, outcome }) => `${kind} ${namespace}/${name}: ${outcomes[outcome]}\n`)
    .join("");
}
