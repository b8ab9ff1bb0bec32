import type { RecorderDescription } from "../captured.js";
import type { RedactionKey } from "../redaction/index.js";
import type { TapeReader, TapeWriter } from "../store.js";
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
  join(recorder: RecorderDescription): TapeWriter;
}

/** A tape in memory with the promises of one on disk, redaction included; for tests and short runs. */
export function openMemoryTape({ recorder, key }: { recorder: RecorderDescription; key: RedactionKey }): MemoryTape {
  const kept = new KeptInMemory(key);
  const openReader = () => new MemoryTapeReader(kept);
  const join = (joining: RecorderDescription) => new MemoryTapeWriter(kept, joining);
  return { writer: join(recorder), reader: openReader(), openReader, join };
}
