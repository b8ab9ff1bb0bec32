import { setImmediate } from "node:timers/promises";

/** What is read of a tape, from its first on each time it is walked: one by one, or a turn at a time, which costs less. */
export interface TapeWalk<T> extends AsyncIterable<T> {
  /**
   * The same. A turn is read while it is iterated, so nothing is held; between turns other work of the process gets its
   * own. Of a turn that is left early the rest is in the next one.
   */
  turns(): AsyncIterable<Iterable<T>>;
}

/** Stores are read on the calling thread: after so many looks others get their turn. */
const perTurn = 256;

/** `read` begins anew each time; `undefined` is a look at what is not chosen. */
export function walkOf<T extends object | number>(read: () => Iterator<T | undefined>): TapeWalk<T> {
  return walkOfTurns(() => turnsOf(read()));
}

/** `turns` begins anew each time. */
export function walkOfTurns<T>(turns: () => AsyncIterable<Iterable<T>>): TapeWalk<T> {
  return {
    turns,
    async *[Symbol.asyncIterator]() {
      for await (const turn of turns()) yield* turn;
    },
  };
}

async function* turnsOf<T extends object | number>(all: Iterator<T | undefined>): AsyncGenerator<Iterable<T>> {
  let isOver = false;
  function* turn(): Generator<T> {
    for (let left = perTurn; left > 0; left--) {
      const next = all.next();
      isOver = next.done === true;
      if (next.done) return;
      if (next.value !== undefined) yield next.value;
    }
  }
  try {
    while (!isOver) {
      yield turn();
      await setImmediate();
    }
  } finally {
    all.return?.();
  }
}
