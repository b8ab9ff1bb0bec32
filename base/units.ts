const byteUnits: Record<string, number> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};
const msUnits: Record<string, number> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

/** `"64KiB"`, `"1MB"`, `"1048576"` → bytes; undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  return parseQuantity(text, byteUnits, Math.round);
}

/** `"50ms"`, `"1.5s"`, `"1h"` → milliseconds; undefined when it is no duration. A bare number needs a unit, except 0. */
export function parseDuration(text: string): number | undefined {
  return text.trim() === "0" ? 0 : parseQuantity(text, msUnits, (ms) => ms);
}

function parseQuantity(
  text: string,
  units: Record<string, number>,
  finish: (value: number) => number,
): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const name = match?.[2]?.toLowerCase();
  if (!match || name === undefined || !Object.hasOwn(units, name)) return undefined;
  return finish(Number(match[1]) * units[name]!);
}

/** `1536` → `"1.5 KiB"`. */
export function inBytes(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  let step = 0;
  let left = bytes;
  while (left >= 1024 && step < names.length - 1) {
    left /= 1024;
    step += 1;
  }
  return `${step === 0 ? left : left.toFixed(left < 10 ? 1 : 0)} ${names[step]}`;
}

/** `0.25` → `"250 µs"`, `1234` → `"1.23 s"`. */
export function inDuration(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 120
    ? `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
