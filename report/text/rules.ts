import type { RunSummary } from "../../tape/index.js";
import { plural } from "../numbers.js";
import { visibleLine } from "../visible.js";
import { wrapped } from "./columns.js";

/** What the operator's rules hid, and what became of the divergences that were known before. None without either. */
export function ruleLines({ rules = [], known = [], expectedGone = [] }: RunSummary, width: number): string[] {
  const said = [
    ...rules.map(({ rule, text, hid, unused }) => {
      const done = unused ? "matches nothing" : `hid ${plural(hid, "difference")}`;
      return `Rule  ${rule} ${text}: ${done}`;
    }),
    ...known.map((one) => `Known  ${divergenceInWords(one)}: ${one.met ? "met, and masked" : "no longer met"}`),
    ...expectedGone.map((one) => `Expected gone  ${divergenceInWords(one)}: ${one.met ? "still met" : "gone"}`),
  ];
  return said.flatMap((line) => wrapped(visibleLine(line), width));
}

function divergenceInWords({ hop, route, place, kind }: NonNullable<RunSummary["known"]>[number]): string {
  return `${hop} ${route}: ${kind} at ${place}`;
}
