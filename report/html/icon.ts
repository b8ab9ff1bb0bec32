import type { Verdict } from "../../tape/index.js";
import { Html } from "./escape.js";

/** Strokes in a box of 24: a tick, an unequals sign, a question mark. */
const strokes: Record<Verdict["kind"], string> = {
  passed: '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
  diverged: '<path d="M5 9h14M5 15h14M15.5 4.5l-7 15"/>',
  inconclusive: '<path d="M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M12 18.4v.1"/>',
};
const colours: Record<Verdict["kind"], string> = { passed: "#1a7f4b", diverged: "#c2273d", inconclusive: "#946200" };

/** The verdict as a picture, in the colour of the text around it. */
export function verdictMark(verdict: Verdict["kind"]): Html {
  return new Html(
    `<svg viewBox="0 0 24 24" width="32" height="32" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${strokes[verdict]}</svg>`,
  );
}

/** The same as a favicon, so that a tab says how it went; inside the page, for nothing is ever fetched. */
export function favicon(verdict: Verdict["kind"]): string {
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="${colours[verdict]}"/><g fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">${strokes[verdict]}</g></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}
