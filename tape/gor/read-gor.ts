import type { Imported } from "../import/imported.js";
import { callOfPair } from "./call-of-pair.js";
import { type GorPair, Pairing } from "./pairing.js";
import { type GorRecord, readRecords } from "./records.js";

/** What is taken from a .gor file. */
export interface GorChoice {
  /** Replayed responses (type 3) are the answers, and the original ones are left out; otherwise it is the other way round. */
  replayedAnswers: boolean;
}

/**
 * Reads the calls of a GoReplay file: requests with their answers by id. Memory is bounded: see `Pairing`. A TapeError
 * comes after all that was whole before it.
 */
export async function* readGor(
  path: string,
  bytes: AsyncIterable<Buffer>,
  choice: GorChoice,
): AsyncGenerator<Imported> {
  const unwanted: GorRecord["kind"] = choice.replayedAnswers ? "response" : "replayed-response";
  const pairing = new Pairing();
  let cut: unknown;
  try {
    for await (const record of readRecords(path, bytes)) {
      if (record.kind !== unwanted) yield* importedFrom(pairing.take(record));
      else yield { kind: "left-out", note: choice.replayedAnswers ? "original-answer" : "replayed-answer" };
    }
  } catch (thrown) {
    cut = thrown;
  }
  yield* importedFrom(pairing.rest());
  if (cut !== undefined) throw cut;
}

function* importedFrom(pairs: Iterable<GorPair>): Generator<Imported> {
  for (const { request, answer } of pairs) {
    const read = request && callOfPair({ request, ...(answer ? { answer } : {}) });
    if (read) yield { kind: "call", ...read };
    else yield { kind: "left-out", note: request ? "unreadable-message" : "answer-alone" };
  }
}
