import type { RunSummary } from "../../tape/index.js";
import { countInWords } from "../numbers.js";
import { shortened } from "../visible.js";
import { type Html, html } from "./escape.js";

const shownRows = 100;

/** Steps that were not sent because a call they needed a value of gave none, with that call. */
export function blockedSection({ blocked = [] }: RunSummary): Html | undefined {
  if (blocked.length === 0) return undefined;
  const total = blocked.reduce((sum, { count }) => sum + count, 0);
  const left = blocked.length - shownRows;
  return html`<section id="blocked"><h2>Blocked <span class="tally">${countInWords(total)}</span></h2>
<p>These were not sent: a call they need a value of diverged or did not give it, so what they would have been answered says nothing.</p>
<div class="wide"><table class="numbers routes"><thead><tr><th scope="col">not sent</th><th scope="col" class="text">lane</th><th scope="col" class="text">needed of</th><th scope="col">calls</th></tr></thead><tbody>${blocked
    .slice(0, shownRows)
    .map(
      ({ lane, hop, route, count, producerExchange, producerRoute }) =>
        html`<tr><th scope="row"><span class="route">${shortened(route, 160)}</span> <span class="hop">${shortened(hop, 80)}</span></th><td class="text">${shortened(lane, 60)}</td><td class="text"><code>${shortened(producerRoute, 160)}</code> exchange ${producerExchange}</td><td>${countInWords(count)}</td></tr>`,
    )}</tbody></table></div>
${left > 0 && html`<p class="more">and ${countInWords(left)} more in <code>report.json</code></p>`}</section>`;
}
