import { OperatorError } from "../base/index.js";
import type { HeaderField } from "../message/index.js";

/** RFC 9110, section 5.6.2. */
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible characters, spaces, tabs, and what is beyond ASCII: as one byte each on the wire. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Framing is the sender's to write, and the marks are the run's. */
const notGivable = /^(content-length|transfer-encoding|connection|upgrade|expect|x-tapeloop-.*)$/;

/**
 * `name: value`, as `--header` takes it; nothing after the colon removes the recorded field. Throws an OperatorError
 * for what cannot be sent.
 */
export function parseHeaderOption(text: string): HeaderField {
  const [, name = "", value = ""] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (!fieldName.test(name.trim()) || !fieldValue.test(value)) {
    const shown = fieldName.test(name.trim()) ? name : (/^\s*[\w-]+(?=[:\s])/.exec(text)?.[0] ?? ""); // the rest may be a secret
    throw new OperatorError(`cannot set header "${shown.trim()}…": write it as 'name: value', in one line`);
  }
  if (notGivable.test(name.trim().toLowerCase())) {
    throw new OperatorError(`cannot set header "${name.trim()}": the replayer writes it itself`);
  }
  return [name.trim(), value.trim()];
}
