/** `1204` → `1,204`. */
export function countInWords(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** `3 Steps`, `1 Step`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${countInWords(count)} ${count === 1 ? noun : nouns}`;
}

/** Milliseconds with the digits that matter: `0.084`, `0.52`, `3.21`, `48.3`, `1,204`. */
export function msDigits(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 100) return countInWords(ms);
  if (size >= 10) return ms.toFixed(1);
  if (size >= 0.1) return ms.toFixed(2);
  return ms === 0 ? "0" : ms.toFixed(3);
}

/** `3.21 ms`. */
export function msInWords(ms: number): string {
  return `${msDigits(ms)} ms`;
}

/** A stretch of time as people say it: `840 ms`, `12.3 s`, `2 min 05 s`, `1 h 02 min`. */
export function durationInWords(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (seconds < 60) return `${(durationMs / 1000).toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${twoDigits(Math.floor((seconds % 3600) / 60))} min`;
}

/** A share from 0 to 1 as a percentage, cut and not rounded: 99.96 % is never shown as 100 %. */
export function percentInWords(share: number): string {
  const tenths = Math.floor(share * 1000 + 1e-9);
  return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)}%`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, "0");
}
