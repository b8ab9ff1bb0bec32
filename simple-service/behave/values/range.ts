import { Refusal } from "../../refusal.js";

export interface Range {
  from: number;
  to: number;
  decimals: number;
}

/** From `[from, to]` or `[from, to, decimals]`. */
export function range([from = 0, to = 0, decimals = 0]: readonly number[], where: string): Range {
  if (from > to) throw new Refusal(`${where}: ${from} is above ${to}`);
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 9)
    throw new Refusal(`${where}: decimals must be 0 to 9`);
  return { from, to, decimals };
}

/** The number at a drawn share of the range, both ends included, rounded to its decimals. */
export function numberWithin({ from, to, decimals }: Range, drawn: number): number {
  const step = 10 ** -decimals;
  const steps = Math.round((to - from) / step);
  return Number((from + Math.floor(drawn * (steps + 1)) * step).toFixed(decimals));
}
