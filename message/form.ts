/** A field of a urlencoded form or query, with where its raw value stands in the text. */
export interface FormField {
  /** Decoded. */
  name: string;
  /** Decoded. */
  value: string;
  /** Of the raw value; equal when there is none. */
  valueStart: number;
  valueEnd: number;
}

/**
 * Takes `application/x-www-form-urlencoded` text (WHATWG URL, section 5.1), or a query without its `?`, apart at `&`.
 * Never refuses: what is no percent-encoding stands for itself.
 */
export function parseForm(text: string): FormField[] {
  const fields: FormField[] = [];
  let start = 0;
  while (start <= text.length) {
    let end = text.indexOf("&", start);
    if (end === -1) end = text.length;
    if (end > start) fields.push(fieldAt(text, start, end));
    start = end + 1;
  }
  return fields;
}

function fieldAt(text: string, start: number, end: number): FormField {
  const equals = text.indexOf("=", start);
  const nameEnd = equals === -1 || equals > end ? end : equals;
  const valueStart = Math.min(nameEnd + 1, end);
  return {
    name: decodeFormText(text.slice(start, nameEnd)),
    value: decodeFormText(text.slice(valueStart, end)),
    valueStart,
    valueEnd: end,
  };
}

/** `+` as space, percent-encoding as UTF-8. Text that does not decode is given back as it is. */
export function decodeFormText(raw: string): string {
  if (!raw.includes("%") && !raw.includes("+")) return raw;
  try {
    return decodeURIComponent(raw.replaceAll("+", " "));
  } catch {
    return raw;
  }
}
