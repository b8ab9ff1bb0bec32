import { inDuration } from "../../base/index.js";
import { type ClockOffset, lossesOf, readTapeClocks, type TapeReader, type TapeStats } from "../../tape/index.js";

/** How many Exchanges are looked at to tell how far clocks are apart: more would only narrow it further. */
const exchangesLookedAt = 100_000;

/** What the tape says of its recorders' clocks, from its beginning. */
export async function readClockOffsets(tape: TapeReader): Promise<readonly ClockOffset[]> {
  const clocks = await readTapeClocks(tape, { lost: lossesOf(await tape.ledger()), limit: exchangesLookedAt });
  return clocks.offsets;
}

/** A line for each recorder whose clock is known against another one's. */
export function clocksText(offsets: readonly ClockOffset[], { recorders }: Pick<TapeStats, "recorders">): string[] {
  const nameOf = (incarnation: string) => {
    const name = recorders.find(({ id }) => id.incarnation === incarnation)?.id.name ?? incarnation;
    return recorders.filter(({ id }) => id.name === name).length > 1 ? `${name} (${incarnation})` : name;
  };
  return offsets
    .filter(({ incarnation, against }) => incarnation !== against)
    .map((offset) => {
      const pairs = `${offset.pairs} ${offset.pairs === 1 ? "call" : "calls"} seen on both sides`;
      const drift = offset.drifted ? "; the clocks drifted apart while recording" : "";
      return `clock of ${nameOf(offset.incarnation)} against ${nameOf(offset.against)}: ${rangeInWords(offset)} (${pairs}${drift})`;
    });
}

/** The offset is what is added to a clock to set it right: a clock that is behind has a positive one. */
function rangeInWords({ loNs, hiNs }: ClockOffset): string {
  if (loNs <= 0 && hiNs >= 0) return `the same within ${inDuration(Math.max(-loNs, hiNs) / 1e6)}`;
  const [word, from, to] = loNs > 0 ? ["behind", loNs, hiNs] : ["ahead", -hiNs, -loNs];
  return Number.isFinite(to)
    ? `${word} by ${inDuration(from / 1e6)} to ${inDuration(to / 1e6)}`
    : `${word} by ${inDuration(from / 1e6)} or more`;
}

/** `clocks` of `tape stats --json`. */
export function clocksJson(offsets: readonly ClockOffset[]): unknown {
  return offsets.map(({ incarnation, against, loNs, hiNs, correctionNs, pairs, drifted }) => ({
    incarnation,
    against,
    offsetMs: [loNs, hiNs].map((ns) => (Number.isFinite(ns) ? ns / 1e6 : null)),
    correctionMs: correctionNs / 1e6,
    pairs,
    drifted,
  }));
}
