import { OperatorError } from "../base/index.js";
import { type ClusterObject, inWords, refOf } from "./cluster/object.js";

/** Who keeps an object as it is written elsewhere, and would undo a change, or be confused by it. */
const managers: readonly { name: string; owns: (labels: Marks, annotations: Marks) => boolean }[] = [
  {
    name: "Argo CD",
    owns: (labels, annotations) =>
      "argocd.argoproj.io/tracking-id" in annotations || "argocd.argoproj.io/instance" in labels,
  },
  {
    name: "Flux",
    owns: (labels) => "kustomize.toolkit.fluxcd.io/name" in labels || "helm.toolkit.fluxcd.io/name" in labels,
  },
  {
    name: "Helm",
    owns: (labels, annotations) =>
      "meta.helm.sh/release-name" in annotations || labels["app.kubernetes.io/managed-by"] === "Helm",
  },
];
type Marks = Readonly<Record<string, string>>;

/** Name of the tool that manages the object; undefined when none is known to. */
export function managerOf({ metadata: { labels = {}, annotations = {} } }: ClusterObject): string | undefined {
  return managers.find(({ owns }) => owns(labels, annotations))?.name;
}

/** Throws an OperatorError for an object that a tool manages: it is not edited behind its back. */
export function refuseManaged(object: ClusterObject): void {
  const manager = managerOf(object);
  if (manager === undefined) return;
  throw new OperatorError(
    `${inWords(refOf(object))} is managed by ${manager}, which would undo a change made behind its back: take --emit yaml or --emit kustomize and commit that, or --even-if-managed`,
  );
}
