/** Nanoseconds since the epoch as ISO 8601 with all their digits that are not zero, milliseconds at least. */
export function isoTime(ns: bigint): string {
  const second = ns / 1_000_000_000n;
  const fraction = String(ns % 1_000_000_000n).padStart(9, "0");
  const digits = fraction.replace(/0{1,6}$/, "");
  return `${new Date(Number(second) * 1000).toISOString().slice(0, 19)}.${digits}Z`;
}

/** An ISO 8601 time with as many digits of a second as it has; undefined for what is none, or is before 1970. */
export function parseIsoTime(text: string): bigint | undefined {
  const fraction = /[.,](\d+)/.exec(text);
  const whole = Date.parse(fraction ? text.replace(fraction[0], "") : text);
  if (Number.isNaN(whole) || whole < 0) return undefined;
  const fractionNs = fraction ? BigInt(fraction[1]!.slice(0, 9).padEnd(9, "0")) : 0n;
  return BigInt(whole) * 1_000_000n + fractionNs;
}

/** Nanoseconds of milliseconds with a fraction; 0 for what HAR says when it does not know (-1, null), and beyond 104 days. */
export function nsOf(ms: number | null | undefined): bigint {
  return typeof ms === "number" && ms > 0 && ms < 9e9 ? BigInt(Math.round(ms * 1e6)) : 0n;
}

/** Milliseconds from one time to another, for people; -1 where one is not known. */
export function msBetween(from: bigint | undefined, to: bigint | undefined): number {
  return from === undefined || to === undefined ? -1 : Number(to - from) / 1e6;
}
