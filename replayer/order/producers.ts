import type { Carry } from "../carry/index.js";

const nobody: readonly number[] = [];

/**
 * Of each Step those whose live answers it needs. A value that is met before it is produced ties nothing: an edge against
 * the order of the tape could never be kept, and a circle of edges has at least one.
 */
export function producersOf(carry: Pick<Carry, "pairs"> | undefined): (step: number) => readonly number[] {
  if (carry === undefined) return () => nobody;
  const byConsumer = new Map<number, number[]>();
  for (const { producerStep, consumerStep } of carry.pairs()) {
    if (producerStep >= consumerStep) continue;
    const known = byConsumer.get(consumerStep);
    if (known === undefined) byConsumer.set(consumerStep, [producerStep]);
    else if (!known.includes(producerStep)) known.push(producerStep);
  }
  return (step) => byConsumer.get(step) ?? nobody;
}
