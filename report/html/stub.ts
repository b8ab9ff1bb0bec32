import type { RunSummary } from "../../tape/index.js";
import { countInWords } from "../numbers.js";
import { shortened } from "../visible.js";
import { type Html, html } from "./escape.js";

const shownRows = 100;

/** What the stub answered from the tape, and what it had no answer for. */
export function stubSection({ stub }: RunSummary): Html | undefined {
  if (stub === undefined) return undefined;
  const { service, served, inferred, missed, misses } = stub;
  const left = misses.length - shownRows;
  return html`<section id="stub"><h2>Stub</h2>
<p>What <b>${shortened(service, 80)}</b> calls was answered from the tape: ${countInWords(served)} calls, ${countInWords(inferred)} of them inferred. ${missed === 0 ? "Nothing was missing." : html`<b>${countInWords(missed)} had no answer on the tape</b> and got an error of the stub's own.`}</p>
${
  misses.length > 0 &&
  html`<div class="wide"><table class="numbers routes"><thead><tr><th scope="col">missed</th><th scope="col" class="text">why</th><th scope="col">calls</th></tr></thead><tbody>${misses
    .slice(0, shownRows)
    .map(
      ({ callee, route, why, count, example }) =>
        html`<tr><th scope="row"><span class="route">${shortened(route, 160)}</span> <span class="hop">${shortened(callee, 80)}</span></th><td class="text">${shortened(why, 200)}, e.g. <code>${shortened(example, 160)}</code></td><td>${countInWords(count)}</td></tr>`,
    )}</tbody></table></div>${left > 0 && html`<p class="more">and ${countInWords(left)} more in <code>report.json</code></p>`}`
}</section>`;
}
