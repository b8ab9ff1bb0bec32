import { readGor } from "../gor/read-gor.js";
import { readHar } from "../har/read-har.js";
import type { RedactionKey, RedactionSpec } from "../redaction/index.js";
import { CallIntake, type WhichCalls } from "./call-intake.js";
import { ExchangeIntake } from "./exchange-intake.js";
import type { Imported, ImportNote } from "./imported.js";
import { openLanding } from "./landing.js";
import { detectFormat, type ImportFormat, openSource, type Source } from "./source.js";

/** What is imported, where to and how. */
export interface ImportOptions {
  /** HAR 1.2 or GoReplay files, gzip or not. */
  files: readonly string[];
  /** A folder, or a file that is not there yet. */
  tape: string;
  key: RedactionKey;
  /** Default: what is done unasked. What a file of our own says was redacted already stays so. */
  redaction?: RedactionSpec;
  /** Default: seen by the beginning of each file. */
  format?: ImportFormat;
  /** Default: all calls. */
  which?: WhichCalls;
  /** Of a file that breaks off or is refused, keep what came before; otherwise nothing of the import is kept. */
  partial?: boolean;
  /** .gor: replayed responses are the answers. */
  replayedAnswers?: boolean;
  signal?: AbortSignal;
  /** Called after each call. */
  onProgress?(progress: ImportProgress): void;
}

export interface ImportProgress {
  file: string;
  readBytes: number;
  totalBytes: number;
  calls: number;
}

/** What became of an import. */
export interface ImportSummary {
  /** Exchanges that are on the tape now. */
  kept: number;
  /** Left out: from a file of our own, and on the tape already, under the recorder that saw them. */
  present: number;
  /** Not among those asked for. */
  deselected: number;
  /** Bodies withheld: they may hold secrets and could not be read whole. */
  unredactable: number;
  /** Of those kept from a file of our own, how many lacked a seal that fits and were redacted anew. */
  unsealed: number;
  /** How often each thing happened that a tape cannot say as the file did. */
  notes: Partial<Record<ImportNote, number>>;
  /** Files of the tape that are new. */
  paths: readonly string[];
  /** With `partial`: what made the import stop. */
  stoppedBy?: unknown;
  interrupted: boolean;
}

/**
 * Imports files onto a tape, in flat memory, redacted as if recorded now. All of it appears on the tape at the end, at once;
 * when something is wrong, nothing does (unless `partial`), and the TapeError says which file, which entry, and why.
 */
export async function importFiles(options: ImportOptions): Promise<ImportSummary> {
  const landing = await openLanding(options.tape, options.key);
  const { key, which = {}, redaction } = options;
  const intake = { key, which, ...(redaction === undefined ? {} : { redaction }) };
  const calls = new CallIntake(landing.draft.path, intake);
  const exchanges = new ExchangeIntake(landing, intake);
  const run = new ImportRun(options, calls, exchanges);
  try {
    const stoppedBy = await run.all();
    await calls.close();
    await exchanges.close();
    if (stoppedBy !== undefined && !options.partial) throw stoppedBy;
    const { notes, interrupted } = run;
    if (interrupted && !options.partial) landing.abandon();
    return {
      kept: calls.kept + exchanges.kept,
      present: exchanges.present,
      deselected: calls.deselected + exchanges.deselected,
      unredactable: calls.unredactable,
      unsealed: exchanges.unsealed,
      notes,
      paths: interrupted && !options.partial ? [] : landing.finish(),
      ...(stoppedBy === undefined ? {} : { stoppedBy }),
      interrupted,
    };
  } catch (thrown) {
    await calls.close().catch(() => {});
    landing.abandon();
    throw thrown;
  }
}

class ImportRun {
  readonly notes: Partial<Record<ImportNote, number>> = {};
  interrupted = false;
  #calls = 0;
  readonly #options: ImportOptions;
  readonly #callIntake: CallIntake;
  readonly #exchangeIntake: ExchangeIntake;

  constructor(options: ImportOptions, calls: CallIntake, exchanges: ExchangeIntake) {
    this.#options = options;
    this.#callIntake = calls;
    this.#exchangeIntake = exchanges;
  }

  /** One file after the other; gives what a file was refused with. */
  async all(): Promise<unknown> {
    const sources = this.#options.files.map(openSource);
    try {
      for (const source of sources) {
        for await (const one of await this.#open(source)) {
          await this.#take(one);
          this.#tell(source);
          this.interrupted = this.#options.signal?.aborted ?? false;
          if (this.interrupted) return undefined;
        }
      }
      return undefined;
    } catch (thrown) {
      return thrown;
    }
  }

  async #open({ path, bytes }: Source): Promise<AsyncIterable<Imported>> {
    const { format, replayedAnswers = false } = this.#options;
    const found = format === undefined ? await detectFormat(path, bytes) : { format, bytes };
    if (found.format === "gor") return readGor(path, found.bytes, { replayedAnswers });
    return readHar(path, found.bytes, { fromTape: (tape) => this.#exchangeIntake.describe(tape) });
  }

  async #take(one: Imported): Promise<void> {
    if (one.kind === "left-out") return this.#note(one.note);
    const isTaken =
      one.kind === "call"
        ? await this.#callIntake.take(one.call)
        : await this.#exchangeIntake.take(one.exchange, one.from);
    if (isTaken && one.kind === "call") for (const note of one.notes) this.#note(note);
    this.#calls++;
  }

  #note(note: ImportNote): void {
    this.notes[note] = (this.notes[note] ?? 0) + 1;
  }

  #tell({ path, totalBytes, readBytes }: Source): void {
    this.#options.onProgress?.({ file: path, totalBytes, readBytes: readBytes(), calls: this.#calls });
  }
}
