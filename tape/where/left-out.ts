import type { CapturedBody, CapturedPart } from "../captured.js";
import type { KeepRules } from "./keep-rules.js";

/** What rules left out of a batch, in the words of the ledger's counts that a recorder has already counted for them. */
export interface LeftOut {
  exchanges: number;
  truncated: number;
  aborted: number;
}

export function nothingLeftOut(): LeftOut {
  return { exchanges: 0, truncated: 0, aborted: 0 };
}

/**
 * Whether rules leave a part out; if so it is added to `sums`. Only calls that have ended can be: what is stored while it is
 * open was decided before, and so was its answer.
 */
export function isLeftOut(part: CapturedPart, rules: KeepRules | undefined, sums: LeftOut): boolean {
  if (rules === undefined || part.part !== "call" || rules.keeps(part)) return false;
  const { request, answer } = part;
  sums.exchanges++;
  if (isCut(request.body) || (answer.kind === "response" && isCut(answer.body))) sums.truncated++;
  if (request.end === "aborted") sums.aborted++;
  return true;
}

function isCut({ pieces, fullBytes }: CapturedBody): boolean {
  return pieces.reduce((kept, piece) => kept + piece.length, 0) < fullBytes;
}
