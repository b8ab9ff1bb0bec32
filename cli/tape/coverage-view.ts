import { inDuration } from "../../base/index.js";
import type {
  Coverage,
  Ledger,
  LedgerEntry,
  MinuteCoverage,
  RecorderCoverage,
  Restart,
  Shares,
} from "../../tape/index.js";

/** What `tape stats` says of a tape's coverage; each recorder with a line of its minutes, at most so many columns wide. */
export function coverageText(coverage: Coverage, { restarts }: Pick<Ledger, "restarts">, columns: number): string {
  const lines = [
    `coverage     ${sharesInWords(coverage)}${coverage.gaps.length === 0 ? "" : `; within ${gapsInWords(coverage.gaps.length)} nobody knows what came`}`,
    ...coverage.recorders.flatMap((one) => recorderLines(one, columns)),
    // Those that broke off are gaps, which are told of already.
    ...restarts.filter(({ saidGoodbye }) => saidGoodbye).map(restartLine),
  ];
  return `${lines.join("\n")}\n`;
}

function restartLine({ recorder, fromNs, toNs }: Restart): string {
  const later = inDuration(Number(toNs - fromNs) / 1e6);
  return `restart: ${recorder} stopped at ${isoOf(fromNs)} and began again at ${isoOf(toNs)}, ${later} later`;
}

/** `tape stats --ledger`: a line for each recorder and minute. */
export function ledgerText({ entries }: Ledger): string {
  return entries
    .map((entry) => `${isoOf(entry.minuteNs).slice(0, 16)}Z  ${entry.recorder.name}  ${countsInWords(entry)}\n`)
    .join("");
}

function countsInWords({ counts, restarts }: LedgerEntry): string {
  const some = Object.entries({ ...counts, restarts: restarts ?? 0 }).filter(([, count]) => count > 0);
  return some.map(([name, count]) => `${name} ${count}`).join(", ") || "nothing";
}

/** `tape stats --json`, under `coverage`: the minutes are what `--ledger` gives. */
export function coverageJson({ gaps: _, recorders, ...all }: Coverage, { restarts }: Pick<Ledger, "restarts">): object {
  return { ...all, recorders: recorders.map(({ minutes: _minutes, ...one }) => one), restarts };
}

function recorderLines(one: RecorderCoverage, columns: number): string[] {
  const gap = one.gapMs === 0 ? "" : `, ${inDuration(one.gapMs)} in gaps`;
  const line = `  ${one.recorder}: ${sharesInWords(one)}${gap}`;
  return one.minutes.length < 2 ? [line] : [line, ...minuteLines(one.minutes, Math.max(10, columns - 4))];
}

function sharesInWords({ share, seen, kept, dropped, sampledOut, undecided }: Shares): string {
  if (share === undefined) return seen === 0 ? "nothing was counted" : `all ${seen} seen were left out by choice`;
  const rest = [
    dropped > 0 ? `${dropped} dropped` : "",
    undecided > 0 ? `${undecided} of unknown fate` : "",
    sampledOut > 0 ? `${sampledOut} left out by choice` : "",
  ].filter(Boolean);
  return `${percentDown(share)} (${kept} of ${seen - sampledOut})${rest.length === 0 ? "" : `, ${rest.join(", ")}`}`;
}

function gapsInWords(count: number): string {
  return count === 1 ? "a gap" : `${count} gaps`;
}

/** Rounded down, so that what is lost never reads as nothing. */
function percentDown(share: number): string {
  return `${Math.floor(share * 10_000) / 100}%`;
}

const heights = "▁▂▃▄▅▆▇█";

/** Above: how many calls were seen, against the busiest column. Below: `!` where some of them are missing, `×` a gap. */
function minuteLines(minutes: readonly MinuteCoverage[], columns: number): string[] {
  const perColumn = Math.ceil(minutes.length / columns);
  const cells: { seen: number; isMissing: boolean; isGap: boolean }[] = [];
  for (let at = 0; at < minutes.length; at += perColumn) {
    const some = minutes.slice(at, at + perColumn);
    cells.push({
      seen: some.reduce((sum, { seen }) => sum + seen, 0),
      isMissing: some.some(({ dropped }) => dropped > 0),
      isGap: some.some(({ gapMs }) => gapMs > 0),
    });
  }
  const most = Math.max(1, ...cells.map(({ seen }) => seen));
  const bars = cells.map(({ seen }) => (seen === 0 ? " " : heights[Math.ceil((seen / most) * heights.length) - 1]!));
  const marks = cells.map(({ isMissing, isGap }) => (isGap ? "×" : isMissing ? "!" : " "));
  const column = perColumn === 1 ? "a minute" : `${perColumn} minutes`;
  const lines = [`    ${bars.join("")}`];
  if (marks.some((mark) => mark !== " ")) lines.push(`    ${marks.join("")}`.trimEnd());
  return [
    ...lines,
    `    each column ${column} from ${isoOf(minutes[0]!.minuteNs).slice(0, 16)}Z; the highest ${most} calls`,
  ];
}

function isoOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
