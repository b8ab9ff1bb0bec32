import type { RecorderDescription } from "../captured.js";
import type { RedactionKey } from "../redaction/index.js";
import type { TapeReader, TapeWriter } from "../store.js";
import type { KeepTexts } from "../where/index.js";
import { KeptInMemory } from "./kept-in-memory.js";
import { MemoryTapeReader } from "./memory-reader.js";
import { MemoryTapeWriter } from "./memory-writer.js";

/** A tape that lives as long as its process. */
export interface MemoryTape {
  writer: TapeWriter;
  reader: TapeReader;
  /** Another reader, closed apart from the first. */
  openReader(): TapeReader;
  /** Lets another recorder, or the next incarnation of the same one, append to it. */
  join(recorder: RecorderDescription, keep?: KeepTexts): TapeWriter;
}

/** A tape in memory with the promises of one on disk, redaction included; for tests and short runs. */
export function openMemoryTape({
  recorder,
  key,
  keep,
}: {
  recorder: RecorderDescription;
  key: RedactionKey;
  /** As for `openTapeWriter`. */
  keep?: KeepTexts;
}): MemoryTape {
  const kept = new KeptInMemory(key);
  const openReader = () => new MemoryTapeReader(kept);
  const join = (joining: RecorderDescription, rules?: KeepTexts) => new MemoryTapeWriter(kept, joining, rules);
  return { writer: join(recorder, keep), reader: openReader(), openReader, join };
}
