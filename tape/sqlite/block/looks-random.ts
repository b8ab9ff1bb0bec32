const samples = 64;

/**
 * Whether bytes look like what is compressed or encrypted already: of 64 samples about half have their high bit set and
 * nearly all differ. A cheap guess; a wrong one costs a little room.
 */
export function looksRandom(bytes: Uint8Array): boolean {
  if (bytes.length < samples * 2) return false;
  const step = (bytes.length / samples) | 0;
  let high = 0;
  for (let at = 0; at < samples; at++) high += bytes[at * step]! >>> 7;
  if (high < 20 || high > 44) return false;
  const different = new Set<number>();
  for (let at = 0; at < samples; at++) different.add(bytes[at * step]!);
  return different.size >= 48;
}
