import type { KnownReport, RunSummary } from "../../tape/index.js";
import { countInWords } from "../numbers.js";
import { shortened } from "../visible.js";
import { changeInWords, placeInWords } from "../words.js";
import { type Html, html } from "./escape.js";

const shownRows = 200;

/** The operator's rules and what each hid, then divergences that were known, and those that are expected to be gone. */
export function rulesSections(summary: RunSummary): Html {
  return html`${rulesSection(summary)}${expectedSection(summary)}${unmetSection(summary)}`;
}

function rulesSection({ rules = [] }: RunSummary): Html | undefined {
  if (rules.length === 0) return undefined;
  const left = rules.length - shownRows;
  return html`<section id="rules"><h2>Rules <span class="tally">${countInWords(rules.length)}</span></h2>
<table class="numbers"><thead><tr><th scope="col">rule</th><th scope="col" class="text">what it says</th><th scope="col">hid</th></tr></thead><tbody>${rules
    .slice(0, shownRows)
    .map(
      ({ rule, text, hid, unused }) =>
        html`<tr><th scope="row">${shortened(rule, 40)}</th><td class="text">${shortened(text, 400)}${unused && html` <span class="flag">never met</span>`}</td><td${hid === 0 && html` class="zero"`}>${countInWords(hid)}</td></tr>`,
    )}</tbody></table>${left > 0 && html`<p class="more">and ${countInWords(left)} more in <code>report.json</code></p>`}</section>`;
}

function expectedSection({ expectedGone = [] }: RunSummary): Html | undefined {
  if (expectedGone.length === 0) return undefined;
  const there = expectedGone.filter(({ met }) => met).length;
  const said =
    there === 0
      ? "All of them are gone."
      : `${countInWords(there)} of ${countInWords(expectedGone.length)} are still there.`;
  return html`<section id="expected"><h2>Expected to be gone</h2><p>${said}</p>${knownTable(expectedGone, { met: "still there", unmet: "gone" })}</section>`;
}

/** Known divergences that were met stand among the groups; these are the others. */
function unmetSection({ known = [] }: RunSummary): Html | undefined {
  const unmet = known.filter(({ met }) => !met);
  if (unmet.length === 0) return undefined;
  return html`<section id="unmet"><h2>Known, and not met <span class="tally">${countInWords(unmet.length)}</span></h2>
<p>They can be taken out of the file of known divergences.</p>${knownTable(unmet, { met: "met", unmet: "not met" })}</section>`;
}

function knownTable(known: readonly KnownReport[], words: { met: string; unmet: string }): Html {
  const left = known.length - shownRows;
  return html`<div class="wide"><table class="numbers routes"><thead><tr><th scope="col">route</th><th scope="col" class="text">place</th><th scope="col">now</th></tr></thead><tbody>${known
    .slice(0, shownRows)
    .map(
      ({ hop, route, place, kind, met }) =>
        html`<tr><th scope="row"><span class="route">${shortened(route, 160)}</span> <span class="hop">${shortened(hop, 80)}</span></th><td class="text"><code>${shortened(placeInWords(place), 160)}</code> ${changeInWords({ kind, examples: [] })}</td><td>${met ? words.met : words.unmet}</td></tr>`,
    )}</tbody></table></div>${left > 0 && html`<p class="more">and ${countInWords(left)} more in <code>report.json</code></p>`}`;
}
