import type { ClusterObject } from "../cluster/object.js";
import { sidecarContainer } from "../pods/pods-of.js";

/** What is read of a pod's spec, or of the template of one. */
export interface PodSpec {
  containers?: { name: string; image?: string }[];
  initContainers?: { name: string; image?: string; restartPolicy?: string }[];
  hostNetwork?: boolean;
}

/** A pod, or the template that pods are made from, with the labels by which Services and policies find it. */
export interface Workload {
  object: ClusterObject;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  spec: PodSpec;
}

/** Pods that run or will, without those that have ended. */
export function livePods(objects: readonly ClusterObject[]): Workload[] {
  return objects
    .filter(({ kind, status }) => kind === "Pod" && !["Succeeded", "Failed"].includes(phaseOf(status)))
    .map((object) => workloadOf(object, object.metadata, object.spec));
}

function phaseOf(status: unknown): string {
  return (status as { phase?: string } | undefined)?.phase ?? "";
}

/** From an object that holds a pod's metadata and spec: itself, or its template. */
export function workloadOf(
  object: ClusterObject,
  { labels = {}, annotations = {} }: { labels?: Record<string, string>; annotations?: Record<string, string> },
  spec: unknown,
): Workload {
  return { object, labels, annotations, spec: (spec ?? {}) as PodSpec };
}

/** Whether Istio's proxy is beside it: as a container, or as an init container that stays (a native sidecar). */
export function hasSidecar({ spec: { containers = [], initContainers = [] } }: Workload): boolean {
  return [...containers, ...initContainers].some(({ name }) => name === sidecarContainer);
}

/** A label selector as Kubernetes has it; undefined selects nothing, an empty one everything. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** Whether labels are what a selector asks for. */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (selector === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => expressionHolds(labels[key], operator, values))
  );
}

function expressionHolds(value: string | undefined, operator: string, values: readonly string[]): boolean {
  if (operator === "Exists") return value !== undefined;
  if (operator === "DoesNotExist") return value === undefined;
  const isIn = value !== undefined && values.includes(value);
  return operator === "In" ? isIn : !isIn;
}
