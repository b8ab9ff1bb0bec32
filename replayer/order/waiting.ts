import type { Step } from "../step.js";
import type { StepNeeds } from "./order.js";

/** A Step under order `causal`, from when it enters until it is final. */
export class Waiting {
  readonly step: number;
  readonly startedNs: number;
  readonly endedNs: number | undefined;
  readonly clock: number;
  readonly keys: StepNeeds["keys"];
  readonly bytes: number;
  readonly go: () => void;
  /** So many may be in flight when this one is sent: what overlapped on the tape has to be able to. */
  readonly roomFor: number;
  isSent = false;
  /** For how many it waits, counted once for each key they share. */
  waitsFor = 0;
  #afterFinal: Waiting[] | undefined;
  #afterSent: Waiting[] | undefined;

  constructor(step: Step, { keys, bytes }: Pick<StepNeeds, "keys" | "bytes">, roomFor: number, go: () => void) {
    this.step = step.step;
    this.startedNs = step.startedNs;
    this.endedNs = step.endedNs;
    this.clock = step.clock ?? 0;
    this.keys = keys;
    this.bytes = bytes;
    this.go = go;
    this.roomFor = roomFor;
  }

  /** Holds a later Step back until this one is final. */
  holdUntilFinal(later: Waiting): void {
    // Two Steps may share several keys; one edge is enough.
    if (this.#afterFinal?.at(-1) === later) return;
    if (this.#afterFinal === undefined) this.#afterFinal = [later];
    else this.#afterFinal.push(later);
    later.waitsFor++;
  }

  /** Holds a later Step back until this one was sent. */
  holdUntilSent(later: Waiting): void {
    if (this.#afterSent?.at(-1) === later) return;
    if (this.#afterSent === undefined) this.#afterSent = [later];
    else this.#afterSent.push(later);
    later.waitsFor++;
  }

  /** Sends it; gives those that are free by that. */
  send(): readonly Waiting[] {
    this.isSent = true;
    this.go();
    const held = this.#afterSent;
    this.#afterSent = undefined;
    return freed(held);
  }

  /** Gives those that are free now that it is final. */
  end(): readonly Waiting[] {
    const held = this.#afterFinal;
    this.#afterFinal = undefined;
    return freed(held);
  }
}

const nobody: readonly Waiting[] = [];

function freed(held: readonly Waiting[] | undefined): readonly Waiting[] {
  return held === undefined ? nobody : held.filter((one) => --one.waitsFor === 0);
}
