import { createHmac, type KeyObject } from "node:crypto";

/** Gives one byte after the other, without end. */
export type Keystream = () => number;

/** Drawn from key and secret alone; `attempt` gives another one of the same. */
export function keystream(secret: string, macKey: KeyObject, attempt: number): Keystream {
  // As text of one character a byte: a digest in a Buffer costs as much again.
  let block = createHmac("sha256", macKey).update(secret, "utf8").digest("binary");
  if (attempt > 0)
    block = createHmac("sha256", macKey).update(block, "binary").update(`again ${attempt}`).digest("binary");
  let at = 0;
  return () => {
    if (at === block.length) {
      block = createHmac("sha256", macKey).update(block, "binary").digest("binary");
      at = 0;
    }
    return block.charCodeAt(at++);
  };
}
