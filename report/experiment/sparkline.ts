const blocks = "▁▂▃▄▅▆▇█";

/** A history as one line of characters: higher is more, a dot where nothing was read; at most so many columns. */
export function sparkline(history: readonly { atMs: number; value?: number }[], columns: number): string {
  const first = history[0];
  const last = history.at(-1);
  if (first === undefined || last === undefined) return "";
  const count = Math.min(columns, history.length);
  const spanMs = Math.max(1, last.atMs - first.atMs);
  const cells: { met: boolean; value?: number }[] = Array.from({ length: count }, () => ({ met: false }));
  for (const { atMs, value } of history) {
    const cell = cells[Math.min(count - 1, Math.floor(((atMs - first.atMs) / spanMs) * count))]!;
    cell.met = true;
    if (value !== undefined && Number.isFinite(value)) cell.value = Math.max(value, cell.value ?? value);
  }
  const values = cells.flatMap(({ value }) => value ?? []);
  const low = Math.min(0, ...values);
  const high = Math.max(...values);
  return cells.map(({ met, value }) => (value === undefined ? (met ? "·" : " ") : blockFor(value, low, high))).join("");
}

function blockFor(value: number, low: number, high: number): string {
  const share = high > low ? (value - low) / (high - low) : 0;
  return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))]!;
}
