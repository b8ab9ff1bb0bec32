import { classOf, sharedClass, timeMsOf } from "./classes.js";

/** How far two values are apart. */
export interface Distance {
  /** Milliseconds for times. */
  size: number;
  /** No less than this tells two distances apart. */
  least: number;
}

/** How far apart must times be to be apart at all: lanes are asked at one moment, give or take. */
const leastTimeMs = 60_000;
/** An order of magnitude: less may be how busy two instances were. */
const factor = 10;

/** Of two numbers or two times; undefined for other values. */
export function distanceBetween(expected: string, actual: string): Distance | undefined {
  const [from, to] = [timeMsOf(expected), timeMsOf(actual)];
  if (from !== undefined && to !== undefined) return { size: Math.abs(to - from), least: leastTimeMs };
  if (classOf(expected).name !== "number" || classOf(actual).name !== "number") return undefined;
  const size = Math.abs(Number(actual) - Number(expected));
  return Number.isFinite(size) ? { size, least: 0 } : undefined;
}

/** Ten times as far, and farther than what cannot be told from nothing. */
export function isFarther(one: Distance, other: Distance): boolean {
  return one.size > factor * other.size && one.size > one.least;
}

/**
 * How a value became another: `none`, it is still of its class (or of none that is volatile); `class`, a value of a
 * volatile class became something else, or the other way round; `shift`, a time moved by whole quarter-hours, as one in
 * another time zone does. Such Differences are groups of their own: a time that is another time each run must not hide a
 * time that became a word.
 */
export type ClassBreak = "none" | "class" | "shift";

/** Time zones lie whole quarter-hours apart. */
const quarterHourMs = 900_000;
/** Two lanes are asked for a time within this. */
const apartMs = 5_000;

/** `live`: both were answered at one moment. */
export function classBreak(expected: string, actual: string, live: boolean): ClassBreak {
  if (sharedClass(expected, actual) === undefined)
    return classOf(expected).volatile || classOf(actual).volatile ? "class" : "none";
  const [from, to] = [timeMsOf(expected), timeMsOf(actual)];
  return live && from !== undefined && to !== undefined && isShifted(Math.abs(to - from)) ? "shift" : "none";
}

function isShifted(byMs: number): boolean {
  const quarters = Math.round(byMs / quarterHourMs);
  return quarters > 0 && quarters <= 4 * 26 && Math.abs(byMs - quarters * quarterHourMs) <= apartMs;
}
