import type { RecorderDescription } from "../captured.js";
import type { Exchange, Origin } from "../exchange.js";
import { restoredRedactedAgain } from "../import/restored.js";
import type { Ledger } from "../ledger.js";
import type { Lost } from "../ledger-sums.js";
import { makingOnce, type RedactionKey, RedactionRules, type RedactionSpec, rulesOf } from "../redaction/index.js";
import { rowsPerSegment } from "../sqlite/schema.js";
import { SegmentCopy } from "../sqlite/segment-copy.js";
import { openTape } from "../sqlite/tape-reader.js";
import type { SegmentDescription, TapeReader, TapeStats } from "../store.js";
import { openTapeDraft } from "../tape-draft.js";

/** How a tape is redacted again. */
export interface RedactTapeOptions {
  /** Files and folders, read as one tape; they are not changed. */
  paths: readonly string[];
  /** A file for a tape of one segment, else a folder; it must not be there yet. Absent: nothing is written. */
  out?: string;
  spec: RedactionSpec;
  /** The tape's own key; or another one, when that is lost: see `keyOfCopy`. */
  key: RedactionKey;
  /** Told at most once for each batch of Exchanges. */
  onProgress?: (done: number, of: number) => void;
  signal?: AbortSignal;
}

/** What was replaced: never the secrets themselves. */
export interface RedactTapeSummary {
  exchanges: number;
  /** Exchanges in which something was replaced that had not been. */
  changed: number;
  /** By rule and place, most first; indexes in places are `*`. */
  found: readonly { rule: string; place: string; count: number }[];
  interrupted: boolean;
}

const idsAtOnce = 256;

/**
 * Redacts a tape with newer rules onto a new one. Exchanges keep their ids, what was replaced stays as it is, and the
 * ledger is taken over. One batch is held at a time. Rejects with a TapeError for a tape that cannot be read, and for an
 * `out` that is there; nothing is left there unless all of it is.
 */
export async function redactTape(options: RedactTapeOptions): Promise<RedactTapeSummary> {
  const tape = await openTape(options.paths);
  const draft = options.out === undefined ? undefined : openTapeDraft(options.out, tape.segments.length, "redact onto");
  try {
    const redacting = new TapeRedacting(tape, options, await tape.stats(), await tape.ledger());
    const lastRows = await lastRowsOf(tape);
    for (const segment of tape.segments) {
      if (!options.signal?.aborted) {
        await redacting.segment(segment, lastRows.get(segment.number) ?? 0, draft?.pathFor(segment));
      }
    }
    const summary = redacting.summary(options.signal?.aborted ?? false);
    if (!summary.interrupted) draft?.finish();
    return summary;
  } finally {
    draft?.remove();
    await tape.close();
  }
}

/** One pass over a tape. */
class TapeRedacting {
  readonly #tape: TapeReader;
  readonly #options: RedactTapeOptions;
  readonly #key: RedactionKey;
  readonly #rules: RedactionRules;
  readonly #incarnations: ReadonlyMap<string, TapeStats["recorders"][number]>;
  readonly #ledger: Ledger;
  readonly #total: number;
  readonly #found = new Map<string, number>();
  /** Recorders whose ledger stands in a copy. */
  readonly #described = new Set<string>();
  /** Recorders of Exchanges in the segment at hand. */
  readonly #here = new Set<string>();
  #done = 0;
  #changed = 0;

  constructor(tape: TapeReader, options: RedactTapeOptions, stats: TapeStats, ledger: Ledger) {
    this.#tape = tape;
    this.#options = options;
    this.#key = keyOfCopy(tape.keyId, options.key);
    this.#rules = new RedactionRules(options.spec);
    this.#incarnations = new Map(stats.recorders.map((recorder) => [recorder.id.incarnation, recorder]));
    this.#ledger = ledger;
    this.#total = stats.exchanges;
  }

  async segment(segment: SegmentDescription, lastRow: number, path: string | undefined): Promise<void> {
    const { number, createdNs, sealedNs } = segment;
    const of = path && { path, number, createdNs, ...(sealedNs === undefined ? {} : { sealedNs }) };
    const copy = of ? new SegmentCopy(of, this.#key) : undefined;
    this.#here.clear();
    try {
      const base = (number - 1) * rowsPerSegment;
      for (let row = 1; row <= lastRow && !this.#options.signal?.aborted; row += idsAtOnce) {
        const rows = Math.min(idsAtOnce, lastRow - row + 1);
        await this.#batch(
          Array.from({ length: rows }, (_, at) => base + row + at),
          base,
          copy,
        );
      }
      if (copy) this.#describeRest(copy, number === this.#tape.segments.at(-1)!.number);
      copy?.finish();
    } catch (thrown) {
      copy?.abandon();
      throw thrown;
    }
  }

  summary(interrupted: boolean): RedactTapeSummary {
    const found = [...this.#found].map(([key, count]) => {
      const [rule, place] = key.split("\0") as [string, string];
      return { rule, place, count };
    });
    found.sort((a, b) => b.count - a.count || (a.place < b.place ? -1 : 1));
    return { exchanges: this.#done, changed: this.#changed, found, interrupted };
  }

  async #batch(ids: readonly number[], base: number, copy: SegmentCopy | undefined): Promise<void> {
    const exchanges: Exchange[] = [];
    for await (const exchange of this.#tape.read({ ids })) exchanges.push(exchange);
    exchanges.sort((a, b) => a.id - b.id);
    makingOnce(this.#key, () => {
      for (const run of runsOfOneRecorder(exchanges)) {
        const restored = run.map((exchange) => this.#redacted(exchange));
        const [first] = run;
        this.#here.add(first!.recorder.incarnation);
        copy?.add(this.#describe(first!), this.#incarnation(first!), first!.id - base, restored);
      }
    });
    this.#done += exchanges.length;
    this.#options.onProgress?.(this.#done, this.#total);
  }

  #redacted(exchange: Exchange) {
    let isChanged = false;
    const before = rulesBefore(this.#incarnation(exchange).redaction);
    const redaction = { key: this.#key, rules: this.#rules, before };
    const restored = restoredRedactedAgain(exchange, redaction, (rule, place) => {
      isChanged = true;
      const key = `${rule}\0${grouped(place)}`;
      this.#found.set(key, (this.#found.get(key) ?? 0) + 1);
    });
    if (isChanged) this.#changed++;
    return restored;
  }

  /** A recorder's ledger goes to the first segment that holds its Exchanges; of those without any to the last one. */
  #describeRest(copy: SegmentCopy, isLast: boolean): void {
    for (const recorder of this.#incarnations.values()) {
      const { incarnation } = recorder.id;
      if (this.#described.has(incarnation) || !(isLast || this.#here.has(incarnation))) continue;
      this.#described.add(incarnation);
      const entries = this.#ledger.entries.filter((entry) => entry.recorder.incarnation === incarnation);
      copy.describe(
        this.#description(recorder, {}),
        { ...recorder, dead: false, lost: this.#lostBy(incarnation) },
        entries,
      );
    }
  }

  #describe({ recorder, origin }: Exchange): RecorderDescription {
    return this.#description(this.#incarnations.get(recorder.incarnation)!, origin);
  }

  #description(recorder: TapeStats["recorders"][number], origin: Origin): RecorderDescription {
    const { id, service, upstream, redaction } = recorder;
    return {
      id,
      origin,
      redaction: [...(redaction ?? [{}]), this.#options.spec],
      ...(service === undefined ? {} : { service }),
      ...(upstream === undefined ? {} : { upstream }),
      epochNsAtZero: 0n,
    };
  }

  #lostBy(incarnation: string): Lost[] {
    return this.#ledger.gaps.flatMap(({ afterIncarnation, fromNs, toNs, lostExchanges: exchanges }) =>
      afterIncarnation !== incarnation || toNs === undefined || exchanges === undefined
        ? []
        : [{ fromNs, toNs, exchanges }],
    );
  }

  #incarnation({ recorder }: Exchange) {
    return { ...this.#incarnations.get(recorder.incarnation)!, dead: false };
  }
}

/** By the number of its segment: an Exchange that was completed in another one leaves no row there that is read. */
async function lastRowsOf(tape: TapeReader): Promise<Map<number, number>> {
  const rows = new Map<number, number>();
  for await (const { id } of tape.skim()) {
    const number = Math.floor(id / rowsPerSegment) + 1;
    rows.set(number, Math.max(rows.get(number) ?? 0, id % rowsPerSegment));
  }
  return rows;
}

function rulesBefore(redaction: readonly RedactionSpec[] | undefined): readonly RedactionRules[] {
  return redaction === undefined ? [rulesOf(undefined)] : redaction.map(rulesOf);
}

/**
 * With the tape's own key the new tape has it too, and equal secrets stay equal. With another one what is found now is
 * not equal to what was found then: the new tape gets a key id that no key has, so that it is compared by class alone.
 */
export function keyOfCopy(tapeKeyId: string, key: RedactionKey): RedactionKey {
  if (key.id === tapeKeyId) return key;
  const mixed = Buffer.from(tapeKeyId, "hex").map((byte, at) => byte ^ Buffer.from(key.id, "hex")[at]! ^ 0x5a);
  return { id: Buffer.from(mixed).toString("hex"), bytes: key.bytes };
}

/** Of one recorder, in adjoining rows. */
function runsOfOneRecorder(exchanges: readonly Exchange[]): Exchange[][] {
  const runs: Exchange[][] = [];
  for (const exchange of exchanges) {
    const last = runs.at(-1)?.at(-1);
    const continues = last?.recorder.incarnation === exchange.recorder.incarnation && last.id + 1 === exchange.id;
    if (continues) runs.at(-1)!.push(exchange);
    else runs.push([exchange]);
  }
  return runs;
}

function grouped(place: string): string {
  return place.replace(/\/\d+(?=\/|$)/g, "/*").replace(/^(frame:|body:(?:line|event|message) )\d+/, "$1*");
}
