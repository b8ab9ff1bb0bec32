import type { RunSummary } from "../../tape/index.js";
import { chaosInWords, taskInWords } from "../chaos/words.js";
import { countInWords } from "../numbers.js";
import { shortened } from "../visible.js";
import { type Html, html } from "./escape.js";

const shownTasks = 200;

/** What was done to the mesh beside the run that must change nothing, and what the run met meanwhile. */
export function chaosSection({ chaos }: RunSummary): Html | undefined {
  if (chaos === undefined) return undefined;
  const left = chaos.tasks.length - shownTasks;
  const rows = chaos.tasks
    .slice(0, shownTasks)
    .map(
      (task) =>
        html`<tr><th scope="row">${shortened(taskInWords(task), 160)}</th><td>${countInWords(task.steps)}</td><td>${countInWords(task.divergent)}</td></tr>`,
    );
  return html`<section id="chaos"><h2>Chaos beside it</h2>
<p>${chaosInWords(chaos)}.</p>
<div class="wide"><table class="numbers routes"><thead><tr><th scope="col">task (UTC)</th><th scope="col">Steps</th><th scope="col">divergent</th></tr></thead><tbody>${rows}</tbody></table></div>
${left > 0 && html`<p class="more">and ${countInWords(left)} more in <code>report.json</code></p>`}</section>`;
}
