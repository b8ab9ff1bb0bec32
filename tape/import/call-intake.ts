import { type Clock, systemClock } from "../../base/index.js";
import { BatchEncoder } from "../batch.js";
import type { CapturedCall, RecorderDescription } from "../captured.js";
import { openTapeWriter } from "../open.js";
import { newRecorderId } from "../recorder-id.js";
import type { RedactionKey, RedactionSpec } from "../redaction/index.js";
import { exchangeOf } from "../sighting/exchange-of.js";
import { headOf } from "../sighting/head-of.js";
import { sightingOf } from "../sighting/sighting.js";
import type { AppendReceipt, Selection, TapeWriter } from "../store.js";
import { type ImportedCall, isPartOfBody } from "./imported.js";
import { LedgerLines } from "./ledger-lines.js";
import { partOfCall } from "./part-of-call.js";

/** Which of the calls are taken: conditions of `--where`. */
export type WhichCalls = Pick<Selection, "where" | "whereWhole">;

/** What is taken of a file, and how it is redacted. */
export interface IntakeOptions {
  key: RedactionKey;
  which: WhichCalls;
  /** Absent: what is done unasked. */
  redaction?: RedactionSpec;
}

const batchBytes = 1 << 20;
/** Batches under way: the next one is filled while one is redacted and stored on the writer's thread. */
const mostAppends = 2;

/**
 * Takes calls that others recorded onto a tape, as a recorder of vantage `import` does: batched, redacted and compressed on
 * the writer's thread. Memory is flat: `take` waits when two batches are under way.
 */
export class CallIntake {
  kept = 0;
  deselected = 0;
  unredactable = 0;
  readonly #path: string;
  readonly #options: IntakeOptions;
  readonly #clock: Clock = systemClock();
  readonly #encoder = new BatchEncoder(batchBytes);
  readonly #appends: Promise<void>[] = [];
  readonly #lines = new LedgerLines((atNs, counts) => this.#writer?.count(atNs, counts));
  #recorder: RecorderDescription | undefined;
  #writer: TapeWriter | undefined;
  #sequence = 0;

  constructor(path: string, options: IntakeOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Gives whether the call was one of those asked for. */
  async take(call: ImportedCall): Promise<boolean> {
    this.#recorder ??= this.#recorderFrom(call);
    const recorder = this.#recorder;
    const part = partOfCall(call, ++this.#sequence, recorder);
    if (!this.#isWanted(part, recorder)) {
      this.deselected++;
      this.#lines.add(call.startedNs, { seen: 1, sampledOut: 1 });
      return false;
    }
    this.#lines.add(call.startedNs, { seen: 1, kept: 1, ...(isCut(call) ? { truncated: 1 } : {}) });
    if (!this.#encoder.add(part)) {
      await this.#append();
      this.#encoder.add(part);
    }
    return true;
  }

  /** Stores what is left and closes the tape. */
  async close(): Promise<void> {
    try {
      if (this.#encoder.parts > 0) await this.#append();
      while (this.#appends.length > 0) await this.#appends.shift();
      if (this.#writer) await this.#lines.flush();
    } finally {
      await Promise.allSettled(this.#appends);
      await this.#writer?.close();
    }
  }

  /** Times near the recorder's zero are exact to the nanosecond, so that is where the first call begins. */
  #recorderFrom({ startedNs }: ImportedCall): RecorderDescription {
    const { redaction } = this.#options;
    const recorder = { id: newRecorderId("import"), origin: {}, epochNsAtZero: startedNs };
    return redaction === undefined ? recorder : { ...recorder, redaction: [redaction] };
  }

  #isWanted(part: CapturedCall, recorder: RecorderDescription): boolean {
    const { key, which } = this.#options;
    const { where, whereWhole } = which;
    if (!where && !whereWhole) return true;
    const exchange = exchangeOf(sightingOf(part, recorder, key), recorder, part.sequence);
    return (!where || where(headOf(exchange))) && (!whereWhole || whereWhole(exchange));
  }

  async #append(): Promise<void> {
    this.#writer ??= await openTapeWriter({
      path: this.#path,
      recorder: this.#recorder!,
      clock: this.#clock,
      key: this.#options.key,
    });
    if (this.#appends.length >= mostAppends) await this.#appends.shift();
    const append = this.#writer.append(this.#encoder.take()).then((receipt) => this.#appended(receipt));
    // What it rejects with is met where it is awaited; until then it must not end the process.
    append.catch(() => {});
    this.#appends.push(append);
    if (this.#lines.isFull) await this.#lines.flush();
  }

  #appended({ kept, unredactable, buffer }: AppendReceipt): void {
    this.kept += kept;
    this.unredactable += unredactable;
    if (buffer) this.#encoder.reuse(buffer);
  }
}

function isCut({ request, answer }: ImportedCall): boolean {
  return isPartOfBody(request.body) || (answer.kind === "response" && isPartOfBody(answer.body));
}
