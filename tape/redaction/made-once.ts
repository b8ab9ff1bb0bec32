import type { RedactionKey } from "./key.js";

// Longer texts are no session's token and no answer that comes again and again; the memory is bounded.
const longestKept = 512;
const mostKept = 1024;

/** Of which key things are made once now; undefined outside of `makingOnce`. */
let current: RedactionKey | undefined;
const memories: Map<string, unknown>[] = [];

/**
 * Runs `work`, which is synchronous, with each pseudonym and each hash of a small body made once: the calls of a batch
 * carry the same few tokens and answers, and an HMAC is most of what a small call costs to redact. Nothing of it is held
 * when it returns or throws.
 */
export function makingOnce<T>(key: RedactionKey, work: () => T): T {
  current = key;
  try {
    return work();
  } finally {
    current = undefined;
    for (const memory of memories) memory.clear();
  }
}

/** `make`, but from memory within `makingOnce`, where it was made from the same text with the same key. */
export function madeOnce<Made>(
  make: (text: string, key: RedactionKey) => Made,
): (text: string, key: RedactionKey) => Made {
  const memory = new Map<string, Made>();
  memories.push(memory);
  return (text, key) => {
    if (current !== key || text.length > longestKept) return make(text, key);
    const known = memory.get(text);
    if (known !== undefined) return known;
    const made = make(text, key);
    if (memory.size < mostKept) memory.set(text, made);
    return made;
  };
}
