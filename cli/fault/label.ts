import { OperatorError } from "../../base/index.js";

/** A label of pods, as `app=reviews`. Throws an OperatorError that names where it stood. */
export function labelOf(text: string, where: string): Record<string, string> {
  const match = /^([^=]+)=([^=]+)$/.exec(text);
  if (match === null) throw new OperatorError(`${where}: must be a label, such as app=reviews (got "${text}")`);
  return { [match[1]!]: match[2]! };
}
