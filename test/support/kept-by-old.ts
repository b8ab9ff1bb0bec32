import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
// Where much of what a place made was kept once, the engine makes all of it old from the start, whoever keeps it later.
setFlagsFromString("--no-allocation-site-pretenuring");
const collect = runInNewContext("gc") as (options?: { type: "minor" }) => void;

/** Something that comes and goes, of about eight kilobytes: heavier by far than what else a step leaves behind. */
export interface Passing {
  readonly weight: readonly number[];
}

export function passing(): Passing {
  return { weight: new Array<number>(1024).fill(0) };
}

/** Now and then the engine makes some of them old from the start: what is kept for a reason is kept each time. */
const times = 4;

/**
 * How many of so many that came and went are still in memory after young collections alone, about: what has grown old and is
 * dead keeps what it points to until a full collection. `step` has some in hand at any time; it is called for warming up too.
 */
export function keptOf(many: number, step: (at: number) => void): number {
  let at = 0;
  const come = (count: number) => {
    for (const end = at + count; at < end; at++) step(at);
  };
  come(1000);
  const kept = Array.from({ length: times }, () => {
    // What is there now is old from here on.
    collect();
    const before = process.memoryUsage().heapUsed;
    come(many);
    for (let again = 0; again < 3; again++) collect({ type: "minor" });
    return (process.memoryUsage().heapUsed - before) / 8192;
  });
  return Math.max(0, Math.min(...kept));
}
