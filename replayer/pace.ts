import { OperatorError } from "../base/index.js";
import type { Step } from "./step.js";

/** The earliest moment a Step may be sent. Apart from order, which says what must have ended. */
export type Pace =
  /** As soon as the order lets it go: due is the moment it became free. */
  | { kind: "asap" }
  /** As recorded, this many times as fast. */
  | { kind: "scaled"; speed: number }
  /** Evenly, in tape order. */
  | { kind: "rate"; perSecond: number };

/** `asap`, `recorded`, `2x`, `0.5x`, `500/s`. Throws an OperatorError for anything else. */
export function parsePace(text: string): Pace {
  const trimmed = text.trim();
  if (trimmed === "asap") return { kind: "asap" };
  if (trimmed === "recorded") return { kind: "scaled", speed: 1 };
  const match = /^(\d+(?:\.\d+)?|\.\d+)(x|\/s)$/.exec(trimmed);
  const amount = Number(match?.[1]);
  if (match === null || !(amount > 0)) {
    throw new OperatorError(
      `cannot replay at pace "${text}": expected asap, recorded, a speed above 0 like 2x or 0.5x, or a rate above 0 like 500/s`,
    );
  }
  return match[2] === "x" ? { kind: "scaled", speed: amount } : { kind: "rate", perSecond: amount };
}

/** As an operator writes it. */
export function paceInWords(pace: Pace): string {
  switch (pace.kind) {
    case "asap":
      return "asap";
    case "scaled":
      return pace.speed === 1 ? "recorded" : `${pace.speed}x`;
    case "rate":
      return `${pace.perSecond}/s`;
  }
}

/**
 * When a Step is due, in milliseconds after the run's first due time; undefined when it is due as soon as it is free.
 * Absolute, never a sum of waits: being late once makes nothing after it late.
 */
export function dueOffsetMs(pace: Pace, step: Pick<Step, "step" | "startedNs">): number | undefined {
  switch (pace.kind) {
    case "asap":
      return undefined;
    case "scaled":
      return step.startedNs / 1e6 / pace.speed;
    case "rate":
      return (step.step * 1000) / pace.perSecond;
  }
}
