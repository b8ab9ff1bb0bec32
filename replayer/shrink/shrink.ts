import { OperatorError } from "../../base/index.js";
import type { Divergence, ExchangeHead, RunWriter } from "../../tape/index.js";
import type { Producers } from "./closure.js";
import { guessesFor } from "./guesses.js";
import { minimise, NoMoreReplays } from "./minimise.js";
import { showsDivergence, type WantedDivergence } from "./same-divergence.js";
import { type HopDifference, openTryRun } from "./try-run.js";

/** What is made shorter. */
export interface ShrinkOptions {
  divergence: Divergence;
  /** The call at which it is to show, and all that it differed in in the run. */
  target: { exchangeId: number; differences: readonly HopDifference[] };
  /** What the run was compared with. */
  reference: WantedDivergence["reference"];
  /** The calls of the run that were sent, in tape order. */
  sent: readonly ExchangeHead[];
  /** A consumer is never sent without these. */
  producers: Producers;
  /** No more replays than this, all counted. At least 3. */
  maxReplays: number;
}

export interface ShrinkEnv {
  /** Replays these calls, from the same state each time, and writes what is found to `run`. */
  replay: (ids: readonly number[], run: RunWriter) => Promise<unknown>;
  onProgress?: (progress: ShrinkProgress) => void;
  /** Stops after the replay that runs; what was found so far is given. */
  signal?: AbortSignal;
}

export interface ShrinkProgress {
  replays: number;
  /** Calls in the shortest sequence so far. */
  shortest: number;
  /** Calls of the try that was just made, and whether it showed the divergence. */
  tried: number;
  shown: boolean;
}

/** The shortest sequence that was found, and how sure that is. */
export interface Shrunk {
  /** Exchange ids, in tape order. */
  ids: readonly number[];
  /** The call at which it shows. */
  target: number;
  /** How many calls it was looked for in. */
  from: number;
  /** All replays that were made. */
  replays: number;
  /** No one of the calls can be left out; false when the replays were used up, or it was interrupted. */
  isMinimal: boolean;
  /** In how many of the replays of the whole and of the shortest sequence it showed. */
  shown: number;
  shownOf: number;
}

/** What a flaky divergence did not show at is asked again, so often in all. */
const triesWhenFlaky = 3;
/** The whole, and the shortest sequence, are each replayed so often. */
const checks = 2;

/**
 * Looks for the shortest sequence of calls that still shows a divergence. For k calls that matter among n the replays are
 * at most 2k·(log2(n/k) + 1) + k and nine more, where more calls never hide what fewer show and it shows each time;
 * `maxReplays` bounds them in any case. Rejects with an OperatorError when the divergence does not show any more.
 */
export async function shrink(options: ShrinkOptions, env: ShrinkEnv): Promise<Shrunk> {
  const { divergence, sent, producers } = options;
  const ids = sent.map((head) => head.id);
  const target = options.target.exchangeId;
  const asking = new Asking(options, env);
  const before = await asking.check(ids);
  if (before === 0) throw goneAway(divergence, ids.length);
  asking.isFlaky = before < checks;
  const guesses = guessesFor(sent, target);
  const found = await minimise({ ids, target, producers, guesses, shows: (some) => asking.shows(some) });
  const after = await asking.recheck(found.ids);
  return {
    ...found,
    ...{ target, from: ids.length, replays: asking.replays },
    shown: before + after.shown,
    shownOf: checks + after.of,
  };
}

/** Counts replays, and keeps within their bound. */
class Asking {
  readonly #wanted: WantedDivergence;
  readonly #target: number;
  readonly #env: ShrinkEnv;
  readonly #most: number;
  replays = 0;
  isFlaky = false;
  #shortest: number;

  constructor({ divergence, target, reference, maxReplays, sent }: ShrinkOptions, env: ShrinkEnv) {
    this.#wanted = { divergence, inRun: target.differences, reference };
    this.#target = target.exchangeId;
    this.#env = env;
    this.#most = maxReplays;
    this.#shortest = sent.length;
  }

  /** In how many of the first replays it shows. */
  async check(ids: readonly number[]): Promise<number> {
    let shown = 0;
    for (let check = 0; check < checks; check++) if (await this.#try(ids)) shown++;
    return shown;
  }

  async shows(ids: readonly number[]): Promise<boolean> {
    for (let left = this.isFlaky ? triesWhenFlaky : 1; left > 0; left--) {
      // Some are kept for the check at the end.
      if (this.replays >= this.#most - checks || this.#env.signal?.aborted) throw new NoMoreReplays();
      if (await this.#try(ids)) return true;
    }
    return false;
  }

  async recheck(ids: readonly number[]): Promise<{ shown: number; of: number }> {
    let [shown, of] = [0, 0];
    for (; of < checks && this.replays < this.#most && !this.#env.signal?.aborted; of++) {
      if (await this.#try(ids)) shown++;
    }
    return { shown, of };
  }

  async #try(ids: readonly number[]): Promise<boolean> {
    const run = openTryRun(this.#target);
    await this.#env.replay(ids, run);
    this.replays++;
    const shown = showsDivergence(run.differencesOfTarget, this.#wanted);
    if (shown) this.#shortest = Math.min(this.#shortest, ids.length);
    const { replays } = this;
    this.#env.onProgress?.({ replays, shortest: this.#shortest, tried: ids.length, shown });
    return shown;
  }
}

function goneAway({ number, route, place }: Divergence, calls: number): OperatorError {
  return new OperatorError(
    `cannot shrink divergence ${number} (${route} at ${place}): ${checks} replays of the same ${calls} calls did not show it; bring the targets back to the state they had (--reset-command), and give what the run was given (--header, --baseline)`,
    { exitCode: 3 },
  );
}
