/** What an experiment's page has beside the style of every report. */
export const experimentStyle = `
.why { margin-top: 12px; color: var(--ink-2); max-width: 80ch; overflow-wrap: anywhere; }
.states { list-style: none; display: flex; flex-wrap: wrap; gap: 8px 34px; margin-top: 20px; }
.states li { position: relative; display: flex; flex-direction: column; border: 1px solid var(--line-strong); border-radius: 8px; background: var(--surface); padding: 7px 14px 8px; font-size: 12.5px; color: var(--ink-2); font-variant-numeric: tabular-nums; }
.states li b { color: var(--ink); font-size: 14px; }
.states li + li::before { content: "→"; position: absolute; left: -26px; top: 50%; transform: translateY(-50%); color: var(--ink-3); font-size: 16px; }
.states .passed b { color: var(--good); } .states .failed b { color: var(--bad); } .states .inconclusive b { color: var(--unsure); }
.plots { border: 1px solid var(--line); border-radius: 12px; background: var(--surface); padding: 6px 20px 10px; }
.plot { display: grid; grid-template-columns: 300px minmax(0, 1fr); gap: 4px 20px; padding: 16px 0; border-bottom: 1px solid var(--line); }
.plot figcaption { display: flex; flex-direction: column; gap: 2px; font-size: 13px; color: var(--ink-2); overflow-wrap: anywhere; min-width: 0; }
.plot figcaption b { color: var(--ink); font-size: 14.5px; }
.plot .asks { font-family: var(--mono); font-size: 12px; }
.plot .standing { font-weight: 560; color: var(--good); }
.plot.tripped .standing, .plot.tripped .reason { color: var(--bad); }
.plot.unknown .standing, .plot.unknown .reason, .plot.unread .standing { color: var(--unsure); }
.drawn { position: relative; padding-right: 74px; }
.drawn svg { display: block; width: 100%; height: 96px; background: var(--sunk); border-radius: 6px; }
.scale { position: absolute; right: 0; top: 0; height: 96px; width: 66px; display: flex; flex-direction: column; justify-content: space-between; font-size: 12px; color: var(--ink-3); font-variant-numeric: tabular-nums; }
.plots line, .plots path { vector-effect: non-scaling-stroke; fill: none; }
.plots .on { fill: var(--actual-tint); }
.plots .curve { stroke: var(--baseline); stroke-width: 1.8; stroke-linejoin: round; }
.plots .bound { stroke: var(--ink-3); stroke-width: 1; stroke-dasharray: 5 4; }
.plots .change { stroke: var(--line-strong); stroke-width: 1; }
.plots .change.fault-on, .plots .change.fault-off { stroke: var(--candidate); }
.plots .change.tripped { stroke: var(--bad); stroke-width: 2; }
.plots .change.unknown, .plots .gap { stroke: var(--unsure); stroke-width: 2; }
.plots .axis { display: grid; grid-template-columns: 300px minmax(0, 1fr); gap: 20px; padding-top: 6px; }
.plots .axis .ticks { width: calc(100% - 74px); height: 20px; overflow: visible; font-size: 12px; } .plots .axis text { fill: var(--ink-3); }
.plots-legend { margin-bottom: 10px; }
.plots-legend .is-on .swatch { background: var(--actual-mark); } .plots-legend .is-bound .swatch { background: var(--ink-3); }
.plots-legend .is-tripped .swatch { background: var(--bad); } .plots-legend .is-gap .swatch { background: var(--unsure); }
.happened { list-style: none; border-left: 2px solid var(--line-strong); margin-left: 6px; }
.happened li { position: relative; display: grid; grid-template-columns: 90px minmax(0, 1fr); gap: 14px; padding: 6px 0 6px 20px; overflow-wrap: anywhere; }
.happened li::before { content: ""; position: absolute; left: -6px; top: 13px; width: 10px; height: 10px; border-radius: 50%; background: var(--ground); border: 2px solid var(--ink-3); }
.happened .fault-on::before, .happened .fault-off::before { border-color: var(--candidate); } .happened .fault-on::before { background: var(--candidate); }
.happened .tripped::before { background: var(--bad); border-color: var(--bad); } .happened .unknown::before { background: var(--unsure); border-color: var(--unsure); }
.happened time { color: var(--ink-3); font-variant-numeric: tabular-nums; text-align: right; }
#put-back .failed td { color: var(--bad); font-weight: 560; }
.found { margin-top: 18px; overflow-x: auto; } .found th[scope="row"] { min-width: 260px; text-align: left; font-weight: 450; }
@media (max-width: 800px) {
  .plot, .plots .axis { grid-template-columns: minmax(0, 1fr); }
  .happened li { grid-template-columns: minmax(0, 1fr); gap: 0; } .happened time { text-align: left; }
}
`;
