/**
 * Whether a text fits a pattern as shells have it: `*` stands for any characters, also none and also `/`; `?` for one. No
 * more steps than pattern times text, so that no pattern can hold up who asks.
 */
export function fitsGlob(text: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let starAt = -1;
  let textAtStar = 0;
  while (at < text.length) {
    const sign = pattern[inPattern];
    if (sign === "*") {
      starAt = inPattern++;
      textAtStar = at;
    } else if (sign !== undefined && (sign === "?" || sign === text[at])) {
      at++;
      inPattern++;
    } else if (starAt !== -1) {
      // The last star takes one character more, and what follows it is tried again.
      inPattern = starAt + 1;
      at = ++textAtStar;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}
