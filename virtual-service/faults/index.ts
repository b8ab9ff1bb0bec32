import { abort } from "./abort.js";
import { delay } from "./delay.js";
import type { FaultEffect, FaultKind } from "./kind.js";

/** Every fault of the subset, in the order they are carried out. */
export const allFaultKinds = [delay, abort] as const;

/** The members of `http[].fault`. */
export const faultShape = { delay: delay.schema.optional(), abort: abort.schema.optional() };

/** One fault of a route: what it is, how often, what it does. */
export interface WrittenFault {
  name: string;
  /** Undefined when no percentage is written: then it never fires (Istio's trap). */
  sharePercent: number | undefined;
  explanation: string;
  effect: FaultEffect;
}

/** The faults of a route, in the order they are carried out. */
export function faultsOf(written: { [kind: string]: unknown } | undefined): WrittenFault[] {
  return allFaultKinds.flatMap((kind) => {
    const fault = written?.[kind.name];
    return fault === undefined ? [] : [writtenFault(kind as FaultKind<Shared>, fault as Shared)];
  });
}

type Shared = { percentage?: { value: number } | undefined };

function writtenFault(kind: FaultKind<Shared>, fault: Shared): WrittenFault {
  return {
    name: kind.name,
    sharePercent: fault.percentage?.value,
    explanation: kind.explain(fault),
    effect: kind.effect(fault),
  };
}

/** One kind of fault as a person gives it. */
export interface TypedFault {
  kind: (typeof allFaultKinds)[number]["name"];
  /** The member of `http[].fault` under that key, without its percentage. */
  written: object;
  /** "answers a call with 503 itself". */
  explanation: string;
}

/** Names of the kinds of faults, with what a person may type for each. */
export const faultExamples: readonly { name: string; example: string }[] = allFaultKinds.map(({ name, example }) => ({
  name,
  example,
}));

/** Reads what a person typed for a kind, such as `503` for `abort`; undefined when it is none. */
export function typedFault(kind: string, text: string): TypedFault | undefined {
  const known = allFaultKinds.find(({ name }) => name === kind) as FaultKind<Shared> | undefined;
  const written = known?.typed(text);
  return known && written && { kind: known.name, written, explanation: known.explain(written) };
}
