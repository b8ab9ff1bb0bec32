import type { Coverage, CoverageRange, Gap } from "../tape/index.js";
import type { Plan } from "./step.js";

/** Why it cannot be said that a tape holds as much of the traffic as was asked for; none when it does, or nothing was asked. */
export function coverageDoubts(coverage: Coverage, floor: number | undefined): string[] {
  if (floor === undefined) return [];
  const { gaps, share, seen } = coverage;
  const needed = `--floor asks for ${percent(floor)}`;
  if (gaps.length > 0)
    return [`${gapInWords(gaps[0]!)}${more(gaps.length - 1)}: what was missed there nobody can count, and ${needed}`];
  if (share === undefined) {
    return [
      seen === 0
        ? `the tape has no count of what was seen in the time of the selected calls, and ${needed}`
        : `all ${seen} calls seen in the time of the selected ones were left out by choice, and ${needed}`,
    ];
  }
  return share < floor ? [`${belowFloor(coverage, share)}, and ${needed}`] : [];
}

/** What a verdict leaves out where nobody said how much of the traffic it must stand on. One sentence each. */
export function gapWarnings({ gaps }: Coverage, floor: number | undefined): string[] {
  if (floor !== undefined || gaps.length === 0) return [];
  return [
    `${gapInWords(gaps[0]!)}${more(gaps.length - 1)}: what was missed there nobody can count; --floor 99% refuses a verdict on such a tape`,
  ];
}

/** The time in which the planned calls began, for the coverage of the tape there; all of it when nothing is planned. */
export function spanOf({ steps, firstNs }: Plan): CoverageRange {
  const last = steps.at(-1);
  // A Step's start is a double: a little more than it says is surely after it.
  return last === undefined ? {} : { fromNs: firstNs, toNs: firstNs + BigInt(Math.ceil(last.startedNs)) + 1000n };
}

function belowFloor({ kept, seen, sampledOut, dropped, recorders }: Coverage, share: number): string {
  const [worst] = [...recorders].sort((a, b) => (a.share ?? 1) - (b.share ?? 1));
  const where = recorders.length > 1 ? `, least at ${worst!.recorder}: ${percent(worst!.share ?? 1)}` : "";
  return `the tape holds ${percent(share)} of the calls seen in the time of the selected ones (${kept} of ${seen - sampledOut}, ${dropped} dropped${where})`;
}

function gapInWords({ recorder, fromNs, toNs, lostExchanges }: Gap): string {
  if (lostExchanges !== undefined)
    return `${lostExchanges} Exchanges of recorder ${recorder} went with a file that was removed, from ${isoOf(fromNs)} until ${isoOf(toNs!)}`;
  const until = toNs === undefined ? "and has not come back" : `until ${isoOf(toNs)}`;
  return `recorder ${recorder} broke off at ${isoOf(fromNs)} ${until}`;
}

function more(gaps: number): string {
  return gaps === 0 ? "" : ` (and ${gaps} more ${gaps === 1 ? "gap" : "gaps"})`;
}

function isoOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}

/** Rounded down, so that what is below a bound never reads as the bound. */
function percent(share: number): string {
  return `${Math.floor(share * 10_000) / 100}%`;
}
