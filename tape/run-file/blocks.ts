import { wordOf } from "../codes.js";
import { protocols } from "../exchange.js";
import type { Outcome, SameAnswer, StepRecord } from "../run.js";
import { Words } from "./words.js";

/*
 * What a run file holds of every Step comes in blocks of many: as rows they would take more time than the sending. The
 * numbers of a block are doubles, row by row; what is absent is NaN. Its texts are JSON.
 */

/** Many records of one kind, as they cross to the writing thread and as they stand in the file. */
export interface Block {
  /** Least and greatest Step in it. */
  first: number;
  last: number;
  texts: string;
  numbers: ArrayBuffer;
}

/** An Outcome that is the same as another lane's. */
export interface SameOutcome extends Outcome {
  answer: SameAnswer;
}

export function isSame(outcome: Outcome): outcome is SameOutcome {
  return outcome.answer.kind === "same";
}

/** Records per block. */
export const blockRows = 1024;

/** Fills blocks of one kind. */
export interface BlockPacker<T extends { step: number }> {
  /** True when the block is full. */
  add(record: T): boolean;
  /** What was added since the last time; undefined when that is nothing. */
  take(): Block | undefined;
}

/** How records of one kind stand in a block. */
interface Layout<T> {
  /** Doubles per record. */
  width: number;
  /** Begins a block. `put` writes a record's numbers from `at` on; `texts` gives its texts. */
  begin(): { put(record: T, numbers: Float64Array, at: number): void; texts(): unknown };
  /** Reads a record's numbers from `at` on. */
  read(numbers: Float64Array, at: number, texts: never, row: number): T;
}

export function blockPacker<T extends { step: number }>(layout: Layout<T>): BlockPacker<T> {
  const numbers = new Float64Array(layout.width * blockRows);
  let block = layout.begin();
  let rows = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  return {
    add(record) {
      block.put(record, numbers, rows * layout.width);
      first = Math.min(first, record.step);
      last = Math.max(last, record.step);
      return ++rows === blockRows;
    },
    take() {
      if (rows === 0) return undefined;
      const taken = {
        first,
        last,
        texts: JSON.stringify(block.texts()),
        numbers: numbers.slice(0, rows * layout.width).buffer,
      };
      block = layout.begin();
      [rows, first, last] = [0, Number.POSITIVE_INFINITY, -1];
      return taken;
    },
  };
}

/** The records of a block as it stands in the file. */
export function readBlock<T>(layout: Layout<T>, block: { texts: string; numbers: Uint8Array }): T[] {
  // Bytes from SQLite begin anywhere in memory; doubles have to be aligned.
  const numbers = new Float64Array(Uint8Array.from(block.numbers).buffer);
  const texts = JSON.parse(block.texts) as never;
  return Array.from({ length: numbers.length / layout.width }, (_, row) =>
    layout.read(numbers, row * layout.width, texts, row),
  );
}

interface StepTexts {
  callees: string[];
  routes: string[];
  methods: string[];
  paths: string[];
}

export const stepLayout: Layout<StepRecord> = {
  width: 9,
  begin() {
    const [callees, routes, methods] = [new Words(), new Words(), new Words()];
    const paths: string[] = [];
    return {
      put(record, numbers, at) {
        numbers[at] = record.step;
        numbers[at + 1] = record.exchangeId;
        numbers[at + 2] = callees.place(record.callee);
        numbers[at + 3] = routes.place(record.route);
        numbers[at + 4] = methods.place(record.method);
        numbers[at + 5] = protocols.indexOf(record.protocol);
        numbers[at + 6] = record.recordedAtMs;
        numbers[at + 7] = record.recordedMs ?? Number.NaN;
        numbers[at + 8] = record.recordedStatus ?? Number.NaN;
        paths.push(record.path);
      },
      texts: (): StepTexts => ({ callees: callees.list, routes: routes.list, methods: methods.list, paths }),
    };
  },
  read(numbers, at, { callees, routes, methods, paths }: StepTexts, row) {
    const [recordedMs, recordedStatus] = [numbers[at + 7]!, numbers[at + 8]!];
    return {
      step: numbers[at]!,
      exchangeId: numbers[at + 1]!,
      callee: callees[numbers[at + 2]!]!,
      route: routes[numbers[at + 3]!]!,
      method: methods[numbers[at + 4]!]!,
      path: paths[row]!,
      protocol: wordOf(protocols, numbers[at + 5]!),
      recordedAtMs: numbers[at + 6]!,
      ...(Number.isNaN(recordedMs) ? {} : { recordedMs }),
      ...(Number.isNaN(recordedStatus) ? {} : { recordedStatus }),
    };
  },
};

export const sameLayout: Layout<SameOutcome> = {
  width: 7,
  begin() {
    const lanes = new Words();
    return {
      put({ step, lane, answer, dueMs, sentMs, answeredMs }, numbers, at) {
        numbers[at] = step;
        numbers[at + 1] = lanes.place(lane);
        numbers[at + 2] = lanes.place(answer.as);
        numbers[at + 3] = answer.status;
        numbers[at + 4] = dueMs;
        numbers[at + 5] = sentMs;
        numbers[at + 6] = answeredMs;
      },
      texts: () => lanes.list,
    };
  },
  read(numbers, at, lanes: string[]) {
    return {
      step: numbers[at]!,
      lane: lanes[numbers[at + 1]!]!,
      answer: { kind: "same", as: lanes[numbers[at + 2]!]!, status: numbers[at + 3]! },
      dueMs: numbers[at + 4]!,
      sentMs: numbers[at + 5]!,
      answeredMs: numbers[at + 6]!,
    };
  },
};
