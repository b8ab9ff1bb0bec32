import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits until `look` gives something other than undefined or false, looking every 20 ms; after `withinMs` it fails and says
 * what was awaited and what was seen last. For things outside this process, which cannot tell when they are ready.
 */
export async function until<T>(
  awaited: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  options: { withinMs?: number; seen?: () => unknown } = {},
): Promise<T> {
  const withinMs = options.withinMs ?? 30_000;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) {
      const seen = options.seen === undefined ? "" : `; last seen: ${JSON.stringify(await options.seen())}`;
      throw new Error(`waited ${withinMs} ms in vain for ${awaited}${seen}`);
    }
    await delay(20);
  }
}
