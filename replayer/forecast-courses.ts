import { openHeap } from "./heap.js";
import type { CostlyWait, ReplayOptions } from "./options.js";
import type { Step, StepList } from "./step.js";
import { StepTable } from "./step-table.js";

/** When a Step is free. */
export interface Freed {
  freeMs: number;
  /** How many Steps the longest chain has that ends with it. */
  chain: number;
  /** The Step that let it go; absent where it waited for none. */
  last?: number | undefined;
  because?: CostlyWait["because"];
}

/** An order played through on paper, in the order of the plan. */
export interface Course {
  begin(step: Step): Freed;
  end(step: Step, endMs: number, chain: number): void;
}

interface CourseOptions extends Pick<ReplayOptions, "concurrency"> {
  producersOf?: ((step: number) => readonly number[]) | undefined;
}

export const courses: Record<ReplayOptions["order"], (steps: StepList, options: CourseOptions) => Course> = {
  serial: () => {
    let freed: Freed = { freeMs: 0, chain: 0 };
    return {
      begin: () => ({ ...freed, chain: freed.chain + 1 }),
      end: (step, endMs, chain) => {
        if (!step.open) freed = { freeMs: Math.max(freed.freeMs, endMs), chain, last: step.step };
      },
    };
  },

  recorded: () => {
    const passed = new Passed();
    return {
      begin: (step) => ({ ...passed.at(step.startedNs), chain: passed.chain + 1 }),
      end: (step, endMs, chain) => passed.add(step, endMs, chain),
    };
  },

  /** Slots: the one that is free first takes the next Step. */
  none: (_steps, { concurrency }) => {
    const slots = openHeap<number>((freeMs) => freeMs);
    return {
      begin: () => ({ freeMs: slots.size < concurrency ? 0 : slots.pop()!, chain: 1 }),
      end: (_step, endMs) => slots.push(endMs),
    };
  },

  causal: (steps, { producersOf }) => causalCourse(steps, producersOf ?? (() => [])),
};

/** Ends come off a heap as the starts pass them; what was the latest and the longest among them holds from then on. */
class Passed {
  readonly #ahead = openHeap<{ step: number; endedNs: number; endMs: number; chain: number }>((end) => end.endedNs);
  #freed: Freed = { freeMs: 0, chain: 0 };

  at(startedNs: number): Freed {
    for (let end = this.#ahead.peek(); end !== undefined && end.endedNs < startedNs; end = this.#ahead.peek()) {
      this.#ahead.pop();
      const { freeMs, chain } = this.#freed;
      const isLater = end.endMs > freeMs;
      this.#freed = {
        freeMs: isLater ? end.endMs : freeMs,
        chain: Math.max(chain, end.chain),
        last: isLater ? end.step : this.#freed.last,
      };
    }
    return this.#freed;
  }

  get chain(): number {
    return this.#freed.chain;
  }

  add({ step, endedNs }: Step, endMs: number, chain: number): void {
    if (endedNs !== undefined) this.#ahead.push({ step, endedNs, endMs, chain });
  }
}

/** Each key is a course of its own; keys of one call alone are left out, for there are as many of them as calls. */
function causalCourse(steps: StepList, producersOf: (step: number) => readonly number[]): Course {
  const table = steps instanceof StepTable ? steps : undefined;
  const [met, written] = [new KeyCounts(), new KeyCounts()];
  const ties = (key: number) => met.count(key) > 1 && written.count(key) > 0;
  const waitedFor = new Set<number>();
  for (let at = 0; at < steps.length; at++) {
    if (table !== undefined) {
      eachTie(table, at, (key, _because, writes) => {
        met.add(key);
        if (writes) written.add(key);
      });
    }
    for (const producer of producersOf(at)) waitedFor.add(producer);
  }
  const lines = new Map<number, { all: Passed; writes: Passed }>();
  const ends = new Map<number, { endMs: number; chain: number }>();
  const lineOf = (key: number) => {
    const line = lines.get(key) ?? { all: new Passed(), writes: new Passed() };
    lines.set(key, line);
    return line;
  };
  return {
    begin(step) {
      let [freeMs, chain] = [0, 0];
      let last: number | undefined;
      let why: CostlyWait["because"] = "order";
      const takeIn = (one: Freed, because: CostlyWait["because"]) => {
        chain = Math.max(chain, one.chain);
        if (one.freeMs <= freeMs) return;
        freeMs = one.freeMs;
        last = one.last;
        why = because;
      };
      if (table !== undefined) {
        eachTie(table, step.step, (key, because, writes) => {
          if (!ties(key)) return;
          const line = lineOf(key);
          takeIn((writes ? line.all : line.writes).at(step.startedNs), because);
        });
      }
      for (const producer of producersOf(step.step)) {
        const end = ends.get(producer);
        if (end !== undefined) takeIn({ freeMs: end.endMs, chain: end.chain, last: producer }, "value");
      }
      return { freeMs, chain: chain + 1, last, because: why };
    },
    end(step, endMs, chain) {
      if (waitedFor.has(step.step)) ends.set(step.step, { endMs, chain });
      if (table === undefined) return;
      eachTie(table, step.step, (key, _because, writes) => {
        if (!ties(key)) return;
        const line = lineOf(key);
        line.all.add(step, endMs, chain);
        if (writes) line.writes.add(step, endMs, chain);
      });
    },
  };
}

function eachTie(
  table: StepTable,
  at: number,
  use: (key: number, because: "connection" | "session" | "resource", writes: boolean) => void,
): void {
  const { connection, session, resource, writes } = table.tiesOf(at);
  if (connection !== 0) use(connection, "connection", true);
  if (session !== 0) use(session, "session", true);
  if (resource !== 0) use(resource, "resource", writes);
}

/** How often a key is met, in flat memory: some that are met once seem to be shared, which costs a little time. */
class KeyCounts {
  readonly #counts = new Uint8Array(2 ** 22);

  add(key: number): void {
    const at = key & (this.#counts.length - 1);
    if (this.#counts[at]! < 2) this.#counts[at]!++;
  }

  /** Up to two. */
  count(key: number): number {
    return this.#counts[key & (this.#counts.length - 1)]!;
  }
}
