/*
 * FNV-1a over UTF-16 code units; of long text over its ends and its length. Of ASCII text it is that of the bytes, so that
 * what stands in a message need not be made a string to be looked for.
 */

const seed = 0x811c9dc5;
const prime = 0x01000193;
const mostAtEachEnd = 16;

/** 32 bits, never 0. */
export function hashOfText(text: string): number {
  const { length } = text;
  let hash = seed ^ length;
  const head = Math.min(length, mostAtEachEnd);
  for (let at = 0; at < head; at++) hash = Math.imul(hash ^ text.charCodeAt(at), prime);
  const tail = Math.max(head, length - mostAtEachEnd);
  for (let at = tail; at < length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), prime);
  return hash >>> 0 || 1;
}

/** The same of ASCII bytes. */
export function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = seed ^ (end - start);
  const head = Math.min(end, start + mostAtEachEnd);
  for (let at = start; at < head; at++) hash = Math.imul(hash ^ bytes[at]!, prime);
  const tail = Math.max(head, end - mostAtEachEnd);
  for (let at = tail; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, prime);
  return hash >>> 0 || 1;
}
