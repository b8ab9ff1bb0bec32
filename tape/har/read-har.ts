import { z } from "zod";
import { reasonOf } from "../../base/index.js";
import { TapeError } from "../errors.js";
import type { Imported } from "../import/imported.js";
import { callOfEntry } from "./call-of-entry.js";
import { HarCut, HarCutter, type HarPiece } from "./cut-har.js";
import { exchangeOfEntry } from "./exchange-of-entry.js";
import { harEntry, type LogExtras, logExtras } from "./schema.js";

/** Who is told what a HAR says of itself before its entries come. */
export interface HarListener {
  /** The HAR is one of ours: the tape that its entries are from. */
  fromTape?(tape: LogExtras): void;
}

/**
 * Reads the entries of a HAR 1.2 one by one, holding one at a time. Throws a TapeError of one line that says which file,
 * which entry and where in it, for what is no HAR, lacks what the standard requires, or ends early.
 */
export async function* readHar(
  path: string,
  bytes: AsyncIterable<Buffer>,
  listener: HarListener = {},
): AsyncGenerator<Imported> {
  const file = new HarFile(path, listener);
  try {
    const cutter = new HarCutter();
    for await (const chunk of bytes) for (const piece of cutter.push(chunk)) yield* file.read(piece);
    cutter.end();
  } catch (thrown) {
    if (!(thrown instanceof HarCut)) throw thrown;
    throw new TapeError(
      `cannot import "${path}": ${thrown.reason}, after ${file.entries} entries, at byte ${thrown.at}`,
    );
  }
}

class HarFile {
  entries = 0;
  readonly #path: string;
  readonly #listener: HarListener;
  #keyId: string | undefined;

  constructor(path: string, listener: HarListener) {
    this.#path = path;
    this.#listener = listener;
  }

  *read(piece: HarPiece): Generator<Imported> {
    if (piece.kind === "member") {
      const value = this.#parsed(piece.json, `log.${piece.key}`, piece.at);
      if (piece.key === "_tapeloop") this.#fromTape(value, piece.at);
      return;
    }
    const place = `entry ${++this.entries}`;
    yield this.#entry(this.#parsed(piece.json, place, piece.at), place, piece.at);
  }

  #fromTape(value: unknown, at: number): void {
    const tape = this.#checked(logExtras, value, "log._tapeloop", at);
    this.#keyId = tape.keyId;
    this.#listener.fromTape?.(tape);
  }

  #entry(value: unknown, place: string, at: number): Imported {
    const entry = this.#checked(harEntry, value, place, at);
    const extras = entry._tapeloop;
    if (extras) {
      const exchange = exchangeOfEntry(entry, extras);
      if (!exchange) this.#refuse(place, at, "_tapeloop: a body lacks its length or its bytes");
      const from = { ...(this.#keyId ? { keyId: this.#keyId } : {}), ...(extras.seal ? { seal: extras.seal } : {}) };
      return { kind: "exchange", exchange, from };
    }
    const call = callOfEntry(entry);
    if (call.kind === "refused") this.#refuse(place, at, call.reason);
    return call;
  }

  #parsed(json: Buffer, place: string, at: number): unknown {
    try {
      return JSON.parse(json.toString("utf8"));
    } catch (thrown) {
      this.#refuse(place, at, `it is not JSON: ${reasonOf(thrown)}`);
    }
  }

  #checked<S extends z.ZodType>(schema: S, value: unknown, place: string, at: number): z.output<S> {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const issue = result.error.issues[0]!;
    this.#refuse(place, at, `${z.core.toDotPath(issue.path) || "it"}: ${issue.message}`);
  }

  #refuse(place: string, at: number, reason: string): never {
    throw new TapeError(`cannot import "${this.#path}": ${place}, at byte ${at}: ${reason}`);
  }
}
