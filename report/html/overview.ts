import type { Attribution, Divergence } from "../../tape/index.js";
import { countInWords, plural } from "../numbers.js";
import { shortened } from "../visible.js";
import { type Html, html } from "./escape.js";

/** Below so many groups the list itself is the overview. */
const fewGroups = 6;
const shownHops = 12;

const order: readonly Attribution[] = ["version", "interaction", "fault", "unattributed", "unproven-noise", "noise"];

/** What differs and why, in one picture: a bar of groups per hop, or per route of the only one, parted by attribution. Each name filters the list. */
export function overview(divergences: readonly Divergence[], names: boolean): Html | undefined {
  if (divergences.length < fewGroups) return undefined;
  const by = names ? hopRows : routeRows;
  const hops = [...parted(divergences, by.of)].sort(([, one], [, other]) => other.length - one.length);
  const most = hops[0]![1].length;
  const met = order.filter((name) => divergences.some(({ attribution }) => attribution === name));
  const left = hops.length - shownHops;
  return html`<div class="overview"><ul class="legend">${met.map((name) => legendOf(name, divergences))}</ul>
<table class="numbers hops-table"><thead><tr><th scope="col">${by.heading}</th><th scope="col" class="text">groups by cause</th><th scope="col">groups</th><th scope="col" class="high">high</th></tr></thead>
<tbody>${hops.slice(0, shownHops).map(([hop, own]) => rowOf(own, { name: shortened(hop, 60), filter: by.filter(hop) }, most, met))}</tbody></table>
${left > 0 && html`<p class="more">and ${plural(left, by.noun)} more</p>`}</div>`;
}

/** What a row stands for, and the words that its groups have in the list. */
const hopRows = {
  heading: "begins at",
  noun: "service",
  of: ({ hop }: Divergence) => hop,
  filter: (hop: string) => `"at ${shortened(hop, 80)}"`,
};
const routeRows = {
  heading: "route",
  noun: "route",
  of: ({ route }: Divergence) => route,
  filter: (route: string) => `"${shortened(route, 200)}"`,
};

function parted(divergences: readonly Divergence[], of: (one: Divergence) => string): Map<string, Divergence[]> {
  const parts = new Map<string, Divergence[]>();
  for (const divergence of divergences) {
    const known = parts.get(of(divergence));
    if (known === undefined) parts.set(of(divergence), [divergence]);
    else known.push(divergence);
  }
  return parts;
}

function legendOf(name: Attribution, divergences: readonly Divergence[]): Html {
  const groups = divergences.filter(({ attribution }) => attribution === name).length;
  const words = name.replace("-", " ");
  return html`<li class="by-${name}"><button type="button" class="plain" data-filter="${words}"><i class="swatch"></i>${words} <span class="tally">${countInWords(groups)}</span></button></li>`;
}

function rowOf(
  own: readonly Divergence[],
  { name, filter }: { name: string; filter: string },
  most: number,
  met: readonly Attribution[],
): Html {
  const high = own.filter(({ severity }) => severity === "high").length;
  let x = 0;
  const parts = met.map((name) => {
    const groups = own.filter(({ attribution }) => attribution === name).length;
    if (groups === 0) return undefined;
    const width = (groups / most) * 100;
    x += width;
    return html`<rect class="by-${name}" x="${(x - width).toFixed(2)}%" width="${width.toFixed(2)}%" height="100%"><title>${countInWords(groups)} ${name.replace("-", " ")}</title></rect>`;
  });
  return html`<tr><th scope="row"><button type="button" class="plain" data-filter="${filter}">${name}</button></th><td class="bar"><svg class="stack" role="img" aria-label="${plural(own.length, "group")}">${parts}</svg></td><td>${countInWords(own.length)}</td><td${high === 0 && html` class="zero"`}>${countInWords(high)}</td></tr>`;
}
