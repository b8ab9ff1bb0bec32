import { closedUnder, type Producers, withoutCall } from "./closure.js";

/** Asks whether these calls, sent in tape order, still show what is looked for. */
export type Shows = (ids: readonly number[]) => Promise<boolean>;

/** Thrown by a {@link Shows} that may not be asked any more; what was found so far is kept. */
export class NoMoreReplays extends Error {}

/** What is made smaller, and what is known of it. */
export interface Minimising {
  /** All together they show it; in tape order. */
  ids: readonly number[];
  /** A call at which it shows: it stays. */
  target: number;
  /** What a call needs to have been sent before it. */
  producers: Producers;
  /** Sets worth asking about first; calls they lack are added when they are needed. */
  guesses: readonly (readonly number[])[];
  shows: Shows;
}

/** The shortest sequence that was found. */
export interface Minimised {
  /** In tape order. */
  ids: readonly number[];
  /** Leaving out any one of its calls (with those that need it) was tried, and does not show it. */
  isMinimal: boolean;
}

/**
 * Finds a small set of calls that still shows something. Guesses come first, then a divide and conquer search (QuickXplain,
 * Junker 2004): of any candidates it keeps some that show it together with the background they were looked for beside, so
 * what it ends with shows it also where more calls hide what fewer show. It takes 2k·(log2(n/k) + 1) questions for k causes
 * among n calls where they do not. At last each call is left out once, and once more after one could go: with n·(n + 5)/2
 * questions in all at most.
 */
export async function minimise(of: Minimising): Promise<Minimised> {
  const search = new Search(of);
  try {
    for (const guess of of.guesses) await search.guess(guess);
    await search.divide();
    await search.leaveOutEach();
    return { ids: search.best, isMinimal: true };
  } catch (thrown) {
    if (thrown instanceof NoMoreReplays) return { ids: search.best, isMinimal: false };
    throw thrown;
  }
}

class Search {
  readonly #of: Minimising;
  /** Where each call is in the tape. */
  readonly #places: ReadonlyMap<number, number>;
  readonly #known = new Map<string, boolean>();
  /** The smallest set that is known to show it. */
  best: readonly number[];

  constructor(of: Minimising) {
    this.#of = of;
    this.#places = new Map(of.ids.map((id, at) => [id, at]));
    this.best = of.ids;
    this.#known.set(of.ids.join(), true);
  }

  async guess(ids: readonly number[]): Promise<void> {
    const set = this.#closed(ids);
    if (set.length < this.best.length) await this.#shows(set);
  }

  /** What is left when the calls that are not needed are halved away. */
  async divide(): Promise<void> {
    const start = this.best;
    const background = this.#closed([]);
    const rest = without(start, background);
    const needed = await this.#divide(background, rest.length > 0, rest);
    await this.#shows(this.#closed([...background, ...needed]));
  }

  /**
   * Those of `candidates` that are needed beside `background`.
   *
   * @param isAsked whether `background` holds anything that it was not asked with before
   */
  async #divide(background: readonly number[], isAsked: boolean, candidates: readonly number[]): Promise<number[]> {
    if (isAsked && (await this.#shows(background))) return [];
    if (candidates.length <= 1) return [...candidates];
    const middle = candidates.length >> 1;
    const [first, second] = [candidates.slice(0, middle), candidates.slice(middle)];
    // What comes later is kept in mind first: causes are mostly near.
    const withSecond = this.#closed([...background, ...second]);
    const fromFirst = await this.#divide(withSecond, true, without(first, withSecond));
    const withFirst = this.#closed([...background, ...fromFirst]);
    const fromSecond = await this.#divide(withFirst, fromFirst.length > 0, without(second, withFirst));
    return [...fromFirst, ...fromSecond];
  }

  /** Until no call can go. */
  async leaveOutEach(): Promise<void> {
    for (let again = true; again; ) {
      again = false;
      for (const id of this.best) {
        if (id === this.#of.target || !this.best.includes(id)) continue;
        const rest = this.#closed(withoutCall(this.best, id, this.#of.producers));
        if (rest.length < this.best.length && (await this.#shows(rest))) again = true;
      }
    }
  }

  async #shows(set: readonly number[]): Promise<boolean> {
    const key = set.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const shown = await this.#of.shows(set);
    this.#known.set(key, shown);
    if (shown && set.length < this.best.length) this.best = set;
    return shown;
  }

  /** With the target, and all that is needed; in tape order. */
  #closed(ids: readonly number[]): number[] {
    const closed = closedUnder([...ids, this.#of.target], this.#of.producers);
    return closed.filter((id) => this.#places.has(id)).sort((a, b) => this.#places.get(a)! - this.#places.get(b)!);
  }
}

function without(ids: readonly number[], others: readonly number[]): number[] {
  const left = new Set(others);
  return ids.filter((id) => !left.has(id));
}
