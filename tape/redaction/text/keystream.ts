import type { MacKey } from "../mac-key.js";

/** Gives one byte after the other, without end. */
export type Keystream = () => number;

/** Drawn from key and secret alone; `attempt` gives another one of the same. */
export function keystream(secret: string, macKey: MacKey, attempt: number): Keystream {
  let block = macKey.mac(secret, "utf8");
  if (attempt > 0) block = macKey.mac(`${block}again ${attempt}`, "latin1");
  let at = 0;
  return () => {
    if (at === block.length) {
      block = macKey.mac(block, "latin1");
      at = 0;
    }
    return block.charCodeAt(at++);
  };
}
