/** The page's style sheet. Its hash is in the page's security policy; there are no inline styles beside it. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfc; --surface: #ffffff; --sunk: #f4f5f7; --line: #e3e6ea; --line-strong: #cfd4db; --control: #868e9b;
  --ink: #171a1f; --ink-2: #59616e; --ink-3: #636b77;
  --recorded: #7c8594; --baseline: #2f6fde; --candidate: #c9620c;
  --baseline-2: #0f8b8d; --baseline-3: #6a5acd; --baseline-4: #4a6a8a; --candidate-2: #a8327e; --candidate-3: #8a6d00; --candidate-4: #8c4a3a;
  --version: #c2273d; --interaction: #b98000; --fault: #2f6fde; --unattributed: #c9620c; --quiet: #9aa2ae;
  --expected-tint: #e9f1fe; --expected-mark: #bfd7fd; --actual-tint: #fdf0e4; --actual-mark: #fbd3ac;
  --good: #1a7f4b; --good-tint: #e8f6ee; --bad: #c2273d; --bad-tint: #fdecee; --unsure: #8a5d00; --unsure-tint: #fdf4dd;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1013; --surface: #15181d; --sunk: #1b1f25; --line: #282d35; --line-strong: #3a414c; --control: #6f7886;
    --ink: #e7e9ed; --ink-2: #a3abb8; --ink-3: #8a93a1;
    --recorded: #8d96a5; --baseline: #6ea0ff; --candidate: #f19a4b;
    --baseline-2: #3cc0c2; --baseline-3: #a79bff; --baseline-4: #8fb0d0; --candidate-2: #e678bd; --candidate-3: #d9b83c; --candidate-4: #d68b76;
    --version: #ff7486; --interaction: #e6b450; --fault: #6ea0ff; --unattributed: #f19a4b; --quiet: #6c7684;
    --expected-tint: #162338; --expected-mark: #274a83; --actual-tint: #2e2014; --actual-mark: #74431a;
    --good: #4cc38a; --good-tint: #10241a; --bad: #ff7486; --bad-tint: #2b1418; --unsure: #e6b450; --unsure-tint: #261e0c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 4.5rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 var(--sans); }
.page { max-width: 1160px; margin: 0 auto; padding: 0 24px 72px; }
h1, h2, h4, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
h2 { font-size: 17px; font-weight: 650; letter-spacing: -.005em; }
code, pre, .route { font-family: var(--mono); font-size: .875em; }
a { color: inherit; }
:focus-visible { outline: 2px solid var(--baseline); outline-offset: 2px; border-radius: 4px; }
.hint, .nothing, .more { color: var(--ink-2); }
.hint { font-size: 13px; font-weight: 400; }
.tally { color: var(--ink-3); font-weight: 450; font-variant-numeric: tabular-nums; margin-left: 4px; }
section { margin-top: 44px; scroll-margin-top: 4.5rem; }
section > h2 { margin-bottom: 14px; }

header { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; padding: 22px 0 18px; color: var(--ink-2); font-size: 13px; }
header .brand { color: var(--ink); font-weight: 700; font-size: 15px; letter-spacing: -.01em; }
header .when { margin-left: auto; font-variant-numeric: tabular-nums; }

.verdict { display: flex; gap: 18px; align-items: center; padding: 22px 26px; border-radius: 14px; border: 1px solid transparent; }
.verdict .mark { flex: none; display: grid; place-items: center; width: 56px; height: 56px; border-radius: 50%; background: var(--surface); color: var(--tone); }
.verdict h1 { font-size: 28px; line-height: 1.15; font-weight: 680; letter-spacing: -.02em; color: var(--tone); }
.verdict p { margin-top: 4px; font-size: 16px; overflow-wrap: anywhere; }
.verdict.passed { --tone: var(--good); background: var(--good-tint); }
.verdict.diverged { --tone: var(--bad); background: var(--bad-tint); }
.verdict.inconclusive { --tone: var(--unsure); background: var(--unsure-tint); }
.warnings { list-style: none; margin-top: 12px; border-left: 3px solid var(--unsure); padding: 2px 0 2px 14px; font-size: 14px; color: var(--ink-2); overflow-wrap: anywhere; }
.warnings li + li { margin-top: 4px; }

.cards { display: grid; grid-template-columns: repeat(6, 1fr); margin-top: 18px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); overflow: hidden; }
.cards > div { padding: 14px 18px 15px; box-shadow: -1px -1px 0 var(--line); }
.cards dt { font-size: 12.5px; color: var(--ink-2); }
.cards dd { font-size: 22px; font-weight: 620; letter-spacing: -.015em; font-variant-numeric: tabular-nums; line-height: 1.35; }
.cards dd.note { font-size: 12.5px; font-weight: 400; letter-spacing: 0; color: var(--ink-3); line-height: 1.4; }
.cards .alarm dd:not(.note) { color: var(--bad); }

nav { position: sticky; top: 0; z-index: 2; margin: 18px -24px 0; padding: 0 24px; background: var(--ground); border-bottom: 1px solid var(--line); overflow-x: auto; scrollbar-width: none; }
nav ul { display: flex; gap: 22px; list-style: none; white-space: nowrap; }
nav a { display: block; padding: 11px 0; font-size: 13.5px; color: var(--ink-2); text-decoration: none; }
nav a:hover { color: var(--ink); }

.filter { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin: 4px 0 14px; font-size: 13.5px; color: var(--ink-2); }
.filter[hidden] { display: none; }
.filter input { flex: 1 1 240px; min-width: 0; font: inherit; color: var(--ink); padding: 7px 12px; border-radius: 8px; border: 1px solid var(--control); background: var(--surface); }
::placeholder { color: var(--ink-2); opacity: 1; }
button { font: inherit; font-size: 13px; color: var(--ink); background: var(--surface); border: 1px solid var(--control); border-radius: 7px; padding: 5px 11px; cursor: pointer; }
button:hover { background: var(--sunk); }

.overview { margin-bottom: 18px; }
.overview .legend { margin-bottom: 10px; }
.by-version { --own: var(--version); } .by-interaction { --own: var(--interaction); } .by-fault { --own: var(--fault); } .by-unattributed { --own: var(--unattributed); }
.by-noise, .by-unproven-noise { --own: var(--quiet); }
svg.stack { display: block; width: 100%; height: 14px; border-radius: 3px; overflow: hidden; } .stack rect { fill: var(--own); stroke: var(--ground); stroke-width: 1; }
.hops-table td.bar { width: 55%; text-align: left; } .hops-table th:first-child { white-space: normal; overflow-wrap: anywhere; }
button.plain { border: 0; background: none; padding: 2px 0; font-weight: inherit; text-align: left; overflow-wrap: anywhere; } button.plain:hover { background: none; text-decoration: underline; } button.plain[aria-pressed="true"] { font-weight: 650; text-decoration: underline; }
.legend button.plain { color: var(--ink-2); }
#show-more, #show-more + .more { text-align: center; margin-top: 14px; max-width: none; } #show-more[hidden] { display: none; }
.group { border: 1px solid var(--line); background: var(--surface); border-radius: 10px; scroll-margin-top: 4.5rem; }
.group + .group { margin-top: 8px; }
.group[hidden] { display: none; }
.group > summary { display: grid; grid-template-columns: 16px 26px minmax(0, 1fr) 132px 150px; gap: 0 12px; align-items: center; padding: 11px 16px 12px 14px; cursor: pointer; list-style: none; border-radius: 10px; }
.group > summary::-webkit-details-marker, .fold-section > summary::-webkit-details-marker { display: none; }
.group > summary::before, .fold-section > summary::before { content: ""; width: 7px; height: 7px; border-right: 1.8px solid var(--ink-3); border-bottom: 1.8px solid var(--ink-3); transform: rotate(-45deg); justify-self: center; transition: transform .12s; }
.group[open] > summary::before, .fold-section[open] > summary::before { transform: rotate(45deg); }
.group > summary:hover { background: var(--sunk); }
.number { color: var(--ink-3); font-size: 13px; font-variant-numeric: tabular-nums; text-align: right; }
.what { min-width: 0; overflow-wrap: anywhere; }
.what .route { display: block; font-size: 13px; color: var(--ink-2); }
.hop { font-family: var(--sans); color: var(--ink-3); font-size: 13px; }
.change { display: block; font-size: 15px; }
.change code { font-weight: 620; font-size: 14px; }
.often { font-size: 13px; font-variant-numeric: tabular-nums; color: var(--ink-2); }
.often > span { display: block; }
svg.share { display: block; width: 100%; height: 4px; border-radius: 2px; margin-top: 5px; }
.share .all { fill: var(--line); } .share .part { fill: var(--ink-3); }
.badges { display: flex; flex-direction: column; align-items: flex-end; gap: 2px; font-size: 12px; }
.badge { padding: 1px 9px; border-radius: 999px; font-weight: 560; background: var(--sunk); color: var(--ink-2); white-space: nowrap; }
.badge.version { background: var(--bad-tint); color: var(--bad); }
.badge.fault { background: var(--expected-tint); color: var(--baseline); }
.badge.interaction { background: var(--unsure-tint); color: var(--unsure); }
.badge.unattributed { background: var(--actual-tint); color: var(--candidate); }
.severity { color: var(--ink-3); padding-right: 9px; }
.group .body { padding: 2px 16px 18px 56px; border-top: 1px solid var(--line); }
.evidence { margin-top: 13px; color: var(--ink-2); font-size: 14px; max-width: 78ch; overflow-wrap: anywhere; }

.hops { list-style: none; display: flex; flex-wrap: wrap; gap: 10px 34px; margin-top: 14px; }
.hops li { position: relative; display: flex; flex-direction: column; border: 1px solid var(--line-strong); border-radius: 8px; padding: 6px 12px 7px; font-size: 12.5px; color: var(--ink-2); min-width: 0; overflow-wrap: anywhere; }
.hops li b { color: var(--ink); font-size: 13.5px; }
.hops li + li::before { content: "←"; position: absolute; left: -26px; top: 50%; transform: translateY(-50%); color: var(--ink-3); font-size: 16px; }
.hops .first { border-color: var(--bad); box-shadow: inset 3px 0 0 var(--bad); }

.met { margin-top: 14px; max-width: 640px; }
.met .text { width: 40%; }
.trees { margin-top: 16px; border: 1px solid var(--line); border-radius: 9px; overflow: hidden; font-size: 12.5px; }
.trees .row { display: grid; grid-template-columns: 1fr 1fr; min-height: 26px; }
.trees .row > span { min-width: 0; padding: 2px 12px; display: flex; align-items: flex-start; overflow-wrap: anywhere; }
.trees .row > span + span { border-left: 1px solid var(--line); }
.trees .heads > span { background: var(--sunk); border-bottom: 1px solid var(--line); color: var(--ink-2); font-weight: 560; padding: 6px 12px; align-items: center; }
.trees .heads > span::before { content: ""; width: 8px; height: 8px; border-radius: 2px; margin-right: 7px; background: var(--baseline); }
.trees .heads > .actual::before { background: var(--candidate); }
.trees .branch { flex: none; } .trees .branch path { fill: none; stroke: var(--line-strong); stroke-width: 1.5; }
.trees .text { padding: 1px 0; color: var(--ink-2); min-width: 0; } .trees .text b { color: var(--ink); font-weight: 600; }
.trees .gone .text { color: var(--ink-3); font-style: italic; }
.trees .status { font-variant-numeric: tabular-nums; font-weight: 600; } .trees .status.bad { color: var(--bad); } .trees .took { color: var(--ink-3); }
.trees .differs .call { background: var(--unsure-tint); }
.trees .first .call { background: var(--bad-tint); } .trees .first > span:first-child { box-shadow: inset 3px 0 0 var(--bad); }
.trees em { font-style: normal; font-weight: 600; color: var(--bad); white-space: nowrap; }
.rule { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 6px 10px; align-items: start; margin-top: 16px; font-size: 12.5px; color: var(--ink-2); }
.rule > span { grid-column: 1 / 3; } .rule pre { margin: 0; padding: 8px 12px; background: var(--sunk); border-radius: 7px; overflow-x: auto; font-size: 12.5px; } .rule code { font-size: 1em; }
.rule button { padding: 2px 9px; font-size: 12px; min-width: 66px; }
.invalid { margin: -4px 0 14px; padding: 8px 14px; border-left: 3px solid var(--unsure); background: var(--unsure-tint); border-radius: 0 7px 7px 0; font-size: 14px; overflow-wrap: anywhere; }
.flag { color: var(--unsure); font-weight: 560; white-space: nowrap; }
section > p { color: var(--ink-2); font-size: 14px; margin-bottom: 10px; max-width: 90ch; }
.example { margin-top: 18px; }
.example > summary { cursor: pointer; width: fit-content; font-size: 13px; color: var(--ink-2); margin-bottom: 7px; overflow-wrap: anywhere; }
.example > summary b { color: var(--ink); font-weight: 600; margin-right: 6px; }
.group .sides.long { content-visibility: auto; contain-intrinsic-size: auto 420px; }
.sides + .sides { margin-top: 8px; }
.sides { display: grid; grid-template-columns: 1fr 1fr; border: 1px solid var(--line); border-radius: 9px; overflow: hidden; }
.side { min-width: 0; display: grid; grid-template-rows: auto 1fr; }
.side + .side { border-left: 1px solid var(--line); }
.side h4 { font-size: 12.5px; font-weight: 560; padding: 6px 12px; background: var(--sunk); border-bottom: 1px solid var(--line); color: var(--ink-2); overflow-wrap: anywhere; }
.side h4::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 2px; margin-right: 7px; background: var(--baseline); }
.side.actual h4::before { background: var(--candidate); }
.side pre { margin: 0; padding: 8px 12px; overflow-x: auto; scrollbar-width: thin; font-size: 12.5px; line-height: 1.6; tab-size: 4; }
.side pre span { display: block; min-width: max-content; margin: 0 -12px; padding: 0 12px; }
.side pre .at { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
.side pre .none { background: repeating-linear-gradient(135deg, transparent 0 5px, var(--sunk) 5px 10px); min-width: 0; }
.side pre .fold { color: var(--ink-3); background: var(--sunk); }
.side mark { color: inherit; border-radius: 2px; }
.side.expected mark, .side.expected .changed.at { background: var(--expected-tint); }
.side.actual mark, .side.actual .changed.at { background: var(--actual-tint); }
.side.expected .at mark { background: var(--expected-mark); }
.side.actual .at mark { background: var(--actual-mark); }
.side pre .at { box-shadow: inset 3px 0 0 var(--baseline); }
.side.actual pre .at { box-shadow: inset 3px 0 0 var(--candidate); }
.side pre .at.changed { font-weight: 600; }
.curls { margin-top: 8px; display: grid; gap: 6px; }
.curl { display: grid; grid-template-columns: 122px minmax(0, 1fr) auto; gap: 10px; align-items: center; font-size: 12.5px; color: var(--ink-3); }
.curl > span { overflow: hidden; text-overflow: ellipsis; }
.curl code { overflow-x: auto; white-space: nowrap; color: var(--ink-2); padding: 4px 0; scrollbar-width: none; }
.curl button { padding: 2px 9px; font-size: 12px; min-width: 66px; }

.fold-section > summary { display: grid; grid-template-columns: 16px auto 1fr; gap: 0 12px; align-items: baseline; cursor: pointer; list-style: none; padding: 2px 0; }
.fold-section > summary::before { align-self: center; }
.fold-section > .groups { margin-top: 14px; }
.more { margin-top: 12px; font-size: 14px; }

.choice input { position: absolute; opacity: 0; pointer-events: none; }
.choice label { display: inline-block; font-size: 13px; padding: 4px 12px; border-radius: 7px; border: 1px solid var(--line); color: var(--ink-2); cursor: pointer; }
.choice input:checked + label { color: var(--ink); border-color: var(--line-strong); background: var(--surface); font-weight: 560; }
.choice input:focus-visible + label { outline: 2px solid var(--baseline); outline-offset: 2px; }
.view { display: none; }
#from-sent:checked ~ .view-sent, #from-due:checked ~ .view-due { display: block; }

.swatch { display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 7px; background: var(--own, var(--ink-3)); }
.recorded { --own: var(--recorded); } .baseline { --own: var(--baseline); } .candidate { --own: var(--candidate); }
.baseline.n2 { --own: var(--baseline-2); } .baseline.n3 { --own: var(--baseline-3); } .baseline.n4 { --own: var(--baseline-4); }
.candidate.n2 { --own: var(--candidate-2); } .candidate.n3 { --own: var(--candidate-3); } .candidate.n4 { --own: var(--candidate-4); }
.chart { margin-top: 14px; padding: 16px 18px 8px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
.chart .lane, .chart .axis { display: grid; grid-template-columns: 136px minmax(0, 1fr); gap: 12px; align-items: end; }
.chart .lane + .lane { margin-top: 6px; }
.chart .name { font-size: 12.5px; color: var(--ink-3); padding-bottom: 2px; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.chart .name b { display: block; color: var(--ink); font-size: 13px; font-weight: 600; }
.chart svg { display: block; width: 100%; overflow: visible; }
.histogram { height: 92px; border-bottom: 1px solid var(--line-strong); }
.histogram rect { fill: var(--own); stroke: var(--surface); stroke-width: 1; }
.histogram .grid { stroke: var(--line); }
.histogram line.mark { stroke: var(--ink-2); stroke-width: 1; }
.histogram line.p99 { stroke-dasharray: 3 3; }
.chart text { fill: var(--ink-3); font: 11.5px var(--sans); font-variant-numeric: tabular-nums; }
.histogram text.mark { fill: var(--ink-2); paint-order: stroke; stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
.ticks { height: 22px; }
.chart .axis > span { font-size: 11.5px; color: var(--ink-3); align-self: start; padding-top: 4px; }
.bars { height: 128px; border-bottom: 1px solid var(--line-strong); }
.bars rect { stroke: var(--surface); stroke-width: 1; }
.alike { --own: var(--recorded); } .divergent { --own: var(--candidate); } .failed { --own: var(--bad); }
.bars .alike { fill: var(--recorded); opacity: .55; } .bars .divergent { fill: var(--candidate); } .bars .failed { fill: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; font-size: 13px; color: var(--ink-2); }

.title { font-size: 24px; font-weight: 660; letter-spacing: -.015em; line-height: 1.25; margin-top: 6px; overflow-wrap: anywhere; }
.back { margin-top: 10px; font-size: 13.5px; color: var(--ink-2); display: flex; flex-wrap: wrap; gap: 4px 18px; }
.narrow { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin: 18px 0 4px; font-size: 13.5px; color: var(--ink-2); }
.narrow label { display: flex; align-items: center; gap: 8px; min-width: 0; } .narrow input, .narrow select { font: inherit; color: var(--ink); padding: 5px 9px; border-radius: 7px; border: 1px solid var(--control); background: var(--surface); min-width: 0; max-width: 100%; } .narrow input { width: 92px; }
.exchanges th, .exchanges td, .found th, .found td { white-space: normal; vertical-align: top; overflow-wrap: anywhere; } .exchanges td.text, .found td.text, .found th:first-child { min-width: 110px; } .found td:last-child { overflow-wrap: normal; }
.exchanges th:first-child, .exchanges thead th, .exchanges td:last-child { white-space: nowrap; } .trees + .sides { margin-top: 12px; }
.pager { display: flex; flex-wrap: wrap; gap: 6px 18px; justify-content: center; margin-top: 18px; font-size: 13.5px; } .pager span { color: var(--ink-3); } .pager b { font-weight: 560; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; margin-top: 12px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; font-weight: 400; }
thead th, thead th.text { color: var(--ink-3); font-size: 12.5px; }
th:first-child { text-align: left; padding-left: 2px; }
tbody th { font-weight: 560; }
td:last-child, th:last-child { padding-right: 2px; }
.text { text-align: left; white-space: normal; color: var(--ink-2); }
.routes th:first-child { white-space: normal; overflow-wrap: anywhere; } .routes .hop { font-weight: 400; } .routes tbody .route { font-size: 12.5px; }
.factors th, .factors td { font-size: 12.5px; color: var(--ink-3); font-weight: 450; border-bottom: 0; } .factors .slower { color: var(--bad); } .factors .faster { color: var(--good); }
.zero { color: var(--ink-3); }
.amount { display: inline-grid; grid-template-columns: 1fr; width: 110px; max-width: 100%; }
.statuses .part { fill: var(--own); }

.facts { display: grid; grid-template-columns: 1fr 1fr; gap: 0 56px; }
.facts section { min-width: 0; } .facts .whole-row { grid-column: 1 / -1; order: 1; }
.facts p { color: var(--ink-2); font-size: 14px; margin-bottom: 10px; }
.list { font-size: 13.5px; }
.list div { display: flex; gap: 16px; justify-content: space-between; padding: 6px 2px; border-bottom: 1px solid var(--line); }
.list dt { color: var(--ink-2); min-width: 0; overflow-wrap: anywhere; } .list dd { text-align: right; flex: 1 0 30%; min-width: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
table + .list { margin-top: 14px; }

@media (max-width: 900px) {
  .cards { grid-template-columns: repeat(3, 1fr); }
  .facts { grid-template-columns: 1fr; }
  .group .body { padding-left: 16px; }
}
@media (max-width: 640px) {
  .page { padding: 0 16px 56px; }
  nav { margin: 14px -16px 0; padding: 0 16px; }
  header .when { margin-left: 0; }
  .verdict { padding: 18px; gap: 14px; align-items: flex-start; }
  .verdict .mark { width: 44px; height: 44px; }
  .verdict h1 { font-size: 23px; } .verdict p { font-size: 15px; }
  .cards { grid-template-columns: repeat(2, 1fr); }
  .group > summary { grid-template-columns: 12px minmax(0, 1fr) auto; gap: 6px 10px; padding: 11px 12px; }
  .group > summary .number { display: none; }
  .what { grid-column: 2 / 4; }
  .often { grid-column: 2; display: flex; gap: 10px; align-items: center; } .often svg.share { width: 64px; margin-top: 0; }
  .badges { flex-direction: row; align-items: center; } .severity { padding-right: 0; }
  .hops { flex-direction: column; gap: 26px; }
  .hops li + li::before { content: "↑"; left: 16px; top: -15px; }
  .trees .row { grid-template-columns: 1fr; } .trees .row > span + span { border-left: 0; border-top: 1px dotted var(--line); } .trees .row > .call { box-shadow: inset 3px 0 0 var(--baseline) !important; } .trees .row > .call + .call { box-shadow: inset 3px 0 0 var(--candidate) !important; }
  .hops-table td.bar { width: 34%; }
  .sides { grid-template-columns: 1fr; }
  .side + .side { border-left: 0; border-top: 1px solid var(--line); }
  .side pre .none:not(.at) { display: none; }
  .amount { width: 64px; }
  .choice label { margin-bottom: 4px; }
  .curl { grid-template-columns: minmax(0, 1fr) auto; } .curl > span { grid-column: 1 / 3; margin-bottom: -6px; }
  .chart { padding: 12px 12px 6px; }
  .chart .lane, .chart .axis { grid-template-columns: minmax(0, 1fr); gap: 2px; }
  .chart .name b { display: inline; margin-right: 8px; }
  .fold-section > summary { grid-template-columns: 16px 1fr; } .fold-section > summary .hint { grid-column: 2; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media print { nav, .filter, button { display: none !important; } .sides.long { content-visibility: visible !important; } .side pre, .side pre span, .rule pre, .curl code { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; } .example { break-inside: avoid; } }
`;
