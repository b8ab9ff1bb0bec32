import type { Cluster } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import type { ClusterObject } from "../cluster/object.js";
import { commandNeeds, type MeshCommand, type Need, type Verb } from "./needs.js";

/** A verb on a resource that whoever runs the command is not allowed. */
export interface MissingAccess {
  verb: Verb;
  group: string;
  /** With its subresource: `pods/log`. */
  resource: string;
  namespace: string;
  /** The command does the rest without it, or says what it cannot know. */
  optional: boolean;
}

/** Namespaces other than the command's own; needs in one that is not named are not asked about. */
export interface OtherNamespaces {
  recorder?: string;
  istio?: string;
}

/**
 * What of a command's needs the cluster would refuse to whoever the kubeconfig says we are, by SelfSubjectAccessReviews,
 * which everybody may ask for. Empty when nothing is missing. Throws an OperatorError when the reviews are refused
 * themselves.
 */
export async function missingAccess(
  cluster: Cluster,
  namespace: string,
  command: MeshCommand,
  others: OtherNamespaces = {},
): Promise<MissingAccess[]> {
  return (await missingAccessOfAll(cluster, namespace, [command], others)).get(command)!;
}

/** The same for several commands; each right is asked about once. */
export async function missingAccessOfAll(
  cluster: Cluster,
  namespace: string,
  commands: readonly MeshCommand[],
  others: OtherNamespaces = {},
): Promise<Map<MeshCommand, MissingAccess[]>> {
  const answers = new Map<string, Promise<boolean>>();
  const isMissing = async (asked: MissingAccess): Promise<boolean> => {
    const key = [asked.verb, asked.group, asked.resource, asked.namespace].join(" ");
    if (!answers.has(key)) answers.set(key, isAllowed(cluster, asked));
    return !(await answers.get(key)!);
  };
  const missing = new Map<MeshCommand, MissingAccess[]>();
  for (const command of commands) {
    const asked = commandNeeds[command].flatMap((need) => questionsOf(need, { own: namespace, ...others }));
    const lacks = await Promise.all(asked.map(isMissing));
    missing.set(
      command,
      asked.filter((_, at) => lacks[at]),
    );
  }
  return missing;
}

function questionsOf(need: Need, namespaces: { own: string } & OtherNamespaces): MissingAccess[] {
  const namespace = namespaces[need.within];
  if (namespace === undefined) return [];
  const { group, resource, optional = false } = need;
  return need.verbs.map((verb) => ({ verb, group, resource, namespace, optional }));
}

async function isAllowed(cluster: Cluster, { verb, group, resource, namespace }: MissingAccess): Promise<boolean> {
  const [plural, subresource] = resource.split("/");
  const resourceAttributes = {
    ...{ verb, group, resource: plural, namespace },
    ...(subresource === undefined ? {} : { subresource }),
    // A Role gives the right to read its own namespace alone, by this name.
    ...(resource === "namespaces" ? { name: namespace } : {}),
  };
  const review: ClusterObject = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    metadata: { name: "" },
    spec: { resourceAttributes },
  };
  const { status } = await inOneLine("ask which rights there are", () => cluster.create(review));
  return (status as { allowed?: boolean } | undefined)?.allowed === true;
}

/** `update virtualservices.networking.istio.io, create configmaps in namespace shop`: as a Role names them, one clause a namespace. */
export function missingInWords(missing: readonly MissingAccess[]): string {
  const namespaces = [...new Set(missing.map(({ namespace }) => namespace))];
  return namespaces
    .map((name) => {
      const here = missing.filter(({ namespace }) => namespace === name);
      return `${resourcesOf(here).join(", ")} in namespace ${name}`;
    })
    .join("; ");
}

function resourcesOf(missing: readonly MissingAccess[]): string[] {
  const verbs = new Map<string, Set<Verb>>();
  for (const { verb, group, resource } of missing) {
    const name = group === "" ? resource : `${resource}.${group}`;
    verbs.set(name, (verbs.get(name) ?? new Set()).add(verb));
  }
  return [...verbs].map(([name, these]) => `${[...these].join("+")} ${name}`);
}
