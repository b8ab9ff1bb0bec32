/** The meaning of percent-encoded text; text that does not decode stands for itself. */
export function percentDecoded(raw: string): string {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** What a value has to be encoded for, when it was not before: it would end there, or mean something else. */
const needsEncoding = {
  path: /[/?#%\s]|[^\0-\x7f]/,
  query: /[&#+%\s]|[^\0-\x7f]/,
} as const;

/** Writes a value the way `raw` was written: encoded where that was, plain where that was and it may be. */
export function percentEncodedLike(raw: string, value: string, within: keyof typeof needsEncoding): string {
  const wasEncoded = raw.includes("%") || (within === "query" && raw.includes("+"));
  if (!wasEncoded && !needsEncoding[within].test(value)) return value;
  const encoded = encodeURIComponent(value.replace(/\p{Surrogate}/gu, "\ufffd"));
  return within === "query" && raw.includes("+") ? encoded.replaceAll("%20", "+") : encoded;
}
