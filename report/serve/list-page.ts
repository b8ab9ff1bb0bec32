import type { Difference, Severity, StepRecord } from "../../tape/index.js";
import { masthead } from "../html/banner.js";
import { type Html, html } from "../html/escape.js";
import { countInWords } from "../numbers.js";
import { shortened } from "../visible.js";
import { placeInWords } from "../words.js";
import type { ExchangeFilter, Served } from "./exchange-index.js";

/** Exchanges on one page. */
const pageRows = 50;
const severities: readonly Severity[] = ["high", "medium", "low"];
const listedRoutes = 1000;
const shownPlaces = 3;
const shownGroups = 6;

/** Exchanges that differ, by noise too, in tape order, so many on a page, narrowed by group, route and severity. `page` is from 1. */
export function listPage(served: Served, filter: ExchangeFilter, page: number): Html {
  const { summary, index } = served;
  const { steps, matching } = index.page(filter, (page - 1) * pageRows, pageRows);
  const pages = Math.max(1, Math.ceil(matching / pageRows));
  const of = matching === index.size ? "" : ` of ${countInWords(index.size)}`;
  return html`<div class="page">${masthead(summary)}<main>
<p class="back"><a href="/">← the report</a></p>
<h1 class="title">Exchanges that differ <span class="tally">${countInWords(matching)}${of}</span></h1>
${filterForm(filter, index.routes)}
${steps.length === 0 ? html`<p class="nothing">No exchange that differs matches.</p>` : tableOf(steps, served)}
${pager(filter, page, pages)}</main></div>`;
}

function filterForm({ group, route, severity }: ExchangeFilter, routes: readonly string[]): Html {
  const option = (value: string, shown: string, chosen: boolean) =>
    html`<option value="${value}"${chosen && html` selected`}>${shown}</option>`;
  return html`<form class="narrow" method="get" action="/exchanges">
<label>Group <input name="group" type="number" min="1" value="${group ?? ""}"></label>
<label>Route <select name="route">${option("", "any", route === undefined)}${routes.slice(0, listedRoutes).map((one) => option(one, shortened(one, 90), one === route))}</select></label>
<label>Severity <select name="severity">${option("", "any", severity === undefined)}${severities.map((one) => option(one, one, one === severity))}</select></label>
<button type="submit">Show</button> <a href="/exchanges">all</a></form>`;
}

function tableOf(steps: readonly number[], served: Served): Html {
  return html`<div class="wide"><table class="numbers exchanges"><thead><tr><th scope="col">exchange</th><th scope="col" class="text">call</th><th scope="col" class="text">differs at</th><th scope="col">groups</th></tr></thead><tbody>${steps.map((step) => rowOf(step, served))}</tbody></table></div>`;
}

function rowOf(step: number, { run, index, summary }: Served): Html {
  const record = run.step(step)!;
  const found = run.differencesOf(step);
  const left = found.length - shownPlaces;
  const groups = index.groupsOf(step).slice(0, shownGroups);
  const causeOf = (group: number) => summary.divergences.find(({ number }) => number === group)?.attribution ?? "";
  return html`<tr><th scope="row"><a href="/exchanges/${step}">${record.exchangeId}</a></th>
<td class="text"><code>${shortened(record.method, 20)} ${shortened(record.path, 160)}</code> <span class="hop">${shortened(record.callee, 60)}</span></td>
<td class="text">${found.slice(0, shownPlaces).map((difference) => differenceLine(difference, record))}${left > 0 && html`<div>and ${countInWords(left)} more</div>`}</td>
<td>${groups.map((group) => html`<div><a href="/exchanges?group=${group}">${group}</a> <span class="hop">${causeOf(group).replace("-", " ")}</span></div>`)}</td></tr>`;
}

function differenceLine(difference: Difference & { hop: string }, { callee }: StepRecord): Html {
  const { hop, place, kind } = difference;
  const side = (name: "expected" | "actual") =>
    shortened(name in difference ? String(difference[name as keyof typeof difference]) : "missing", 40);
  const change = kind === "changed-text" ? "text changed" : `${side("expected")} → ${side("actual")}`;
  return html`<div>${hop !== callee && `${shortened(hop, 60)}: `}<code>${shortened(placeInWords(place), 80)}</code> ${change}</div>`;
}

function pager(filter: ExchangeFilter, page: number, pages: number): Html | undefined {
  if (pages < 2) return undefined;
  const to = (wanted: number, words: string) =>
    wanted < 1 || wanted > pages || wanted === page
      ? html`<span>${words}</span>`
      : html`<a href="${addressOf(filter, wanted)}">${words}</a>`;
  return html`<p class="pager">${to(1, "first")} ${to(page - 1, "← before")} <b>page ${countInWords(page)} of ${countInWords(pages)}</b> ${to(page + 1, "after →")} ${to(pages, "last")}</p>`;
}

function addressOf({ group, route, severity }: ExchangeFilter, page: number): string {
  const query = new URLSearchParams();
  if (group !== undefined) query.set("group", String(group));
  if (route !== undefined) query.set("route", route);
  if (severity !== undefined) query.set("severity", severity);
  query.set("page", String(page));
  return `/exchanges?${query}`;
}
