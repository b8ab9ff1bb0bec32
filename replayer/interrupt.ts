import type { OpenLane } from "./lanes/lanes.js";

/** Whether the operator wants a run to end early. */
export interface Interrupt {
  readonly raised: boolean;
  /** Stops listening. Safe to call twice. */
  close(): void;
}

/** What is in flight may still be answered within this; then it is given up. */
const graceMs = 2_000;

export function openInterrupt(signal: AbortSignal | undefined, lanes: readonly Pick<OpenLane, "giveUp">[]): Interrupt {
  let timer: NodeJS.Timeout | undefined;
  const giveUp = () => {
    for (const lane of lanes) lane.giveUp();
  };
  const raise = () => {
    timer = setTimeout(giveUp, graceMs);
  };
  signal?.addEventListener("abort", raise, { once: true });
  return {
    get raised() {
      return signal?.aborted ?? false;
    },
    close() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", raise);
    },
  };
}
