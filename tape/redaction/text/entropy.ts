/** Shannon entropy in bits a character: words have below 3.5, random tokens above. */
export function entropyBits(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** Whether a value looks made by a machine: long and mixed, or of high entropy. */
export function looksRandom(value: string): boolean {
  if (value.length < 8) return false;
  const kinds = [/[0-9]/, /[a-z]/, /[A-Z]/].filter((kind) => kind.test(value)).length;
  return (kinds >= 2 && /[0-9]/.test(value)) || (value.length >= 12 && entropyBits(value) >= 3.5);
}
