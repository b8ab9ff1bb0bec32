import { defined } from "../../base/index.js";
import type { RecorderDescription } from "../captured.js";
import type { Exchange } from "../exchange.js";
import type { LogExtras } from "../har/schema.js";
import { rulesOf } from "../redaction/index.js";
import { headOf } from "../sighting/head-of.js";
import { isTruncated } from "../sighting/is-truncated.js";
import { RecordingTape } from "../sqlite/recording-tape.js";
import type { TapePlace } from "../tape-path.js";
import type { IntakeOptions } from "./call-intake.js";
import type { Provenance } from "./imported.js";
import type { Landing } from "./landing.js";
import { LedgerLines } from "./ledger-lines.js";
import { type Restored, restoredAsItWas, restoredRedacted, restoredRedactedAgain } from "./restored.js";
import { sealOf } from "./seal.js";

const segmentBytes = 256 * 2 ** 20;
const mostHeld = 256;
const mostHeldBytes = 4 * 2 ** 20;

/** One recorder of the tape that the Exchanges are from. */
interface Origin {
  tape: RecordingTape;
  lines: LedgerLines;
  held: Restored[];
}

/**
 * Takes Exchanges that were on a tape before back onto one, under the recorders that saw them. What carries its seal stays
 * as it was, or is redacted again where rules are given; what does not is redacted anew.
 */
export class ExchangeIntake {
  kept = 0;
  deselected = 0;
  /** Left out: the tape holds them already. */
  present = 0;
  /** Kept, but redacted anew: their seal was missing or did not fit. */
  unsealed = 0;
  readonly #place: TapePlace;
  readonly #holds: Landing["holds"];
  readonly #options: IntakeOptions;
  readonly #described = new Map<string, LogExtras["recorders"][number]>();
  readonly #origins = new Map<string, Origin>();
  #held = 0;
  #heldBytes = 0;
  #id = 0;

  constructor({ draft, holds }: Pick<Landing, "draft" | "holds">, options: IntakeOptions) {
    this.#place = draft;
    this.#holds = holds;
    this.#options = options;
  }

  /** What a file says of the tape it was made of. */
  describe({ recorders }: LogExtras): void {
    for (const recorder of recorders) this.#described.set(recorder.incarnation, recorder);
  }

  /** Gives whether the Exchange was one of those asked for. */
  async take(exchange: Exchange, from: Provenance): Promise<boolean> {
    if (this.#holds(exchange.recorder.incarnation, exchange.sequence)) {
      this.present++;
      return false;
    }
    const { where, whereWhole } = this.#options.which;
    const numbered = { ...exchange, id: ++this.#id };
    const head = headOf(numbered);
    const origin = this.#origin(exchange);
    if ((where && !where(head)) || (whereWhole && !whereWhole(numbered))) {
      this.deselected++;
      origin.lines.add(exchange.startedNs, { seen: 1, sampledOut: 1 });
      return false;
    }
    origin.lines.add(exchange.startedNs, { seen: 1, kept: 1, ...(isTruncated(head) ? { truncated: 1 } : {}) });
    origin.held.push(this.#restored(exchange, from));
    this.#held++;
    this.#heldBytes += head.request.bodyBytes + (head.answer.kind === "response" ? head.answer.bodyBytes : 0);
    if (this.#held >= mostHeld || this.#heldBytes >= mostHeldBytes) await this.#store();
    return true;
  }

  async close(): Promise<void> {
    await this.#store();
    for (const { tape, lines } of this.#origins.values()) {
      await lines.flush();
      tape.close(nowNs());
    }
    this.#origins.clear();
  }

  #restored(exchange: Exchange, { keyId, seal }: Provenance): Restored {
    const { key, redaction } = this.#options;
    const isSealed = keyId === key.id && seal !== undefined && seal === sealOf(exchange, key);
    if (isSealed && redaction === undefined) return restoredAsItWas(exchange);
    const rules = rulesOf(redaction);
    if (isSealed) {
      const before = (this.#described.get(exchange.recorder.incarnation)?.redaction ?? [undefined]).map(rulesOf);
      return restoredRedactedAgain(exchange, { key, rules, before }, () => {});
    }
    this.unsealed++;
    return restoredRedacted(exchange, key, rules);
  }

  #origin({ recorder: id, origin }: Exchange): Origin {
    const known = this.#origins.get(id.incarnation);
    if (known) return known;
    const { key, redaction: asked } = this.#options;
    const { service, upstream, redaction: before } = this.#described.get(id.incarnation) ?? {};
    const redaction = asked === undefined ? before : [...(before ?? [{}]), asked];
    const recorder: RecorderDescription = {
      ...{ id, origin, epochNsAtZero: 0n },
      ...defined({ service, upstream, redaction }),
    };
    const tape = new RecordingTape({
      place: this.#place,
      recorder,
      key,
      segmentBytes,
      segmentAgeMs: Number.POSITIVE_INFINITY,
    });
    const opened = { tape, lines: new LedgerLines((atNs, counts) => tape.count(atNs, counts)), held: [] };
    this.#origins.set(id.incarnation, opened);
    return opened;
  }

  async #store(): Promise<void> {
    for (const origin of this.#origins.values()) {
      if (origin.held.length > 0) this.kept += origin.tape.restore(origin.held, nowNs());
      origin.held = [];
      if (origin.lines.isFull) await origin.lines.flush();
    }
    this.#held = 0;
    this.#heldBytes = 0;
  }
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
