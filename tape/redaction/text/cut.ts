import { looksRandom } from "./entropy.js";

/** The last word of a text that was cut, when it may be the beginning of a secret that is told by what follows. */
const lastWord = /[^\s"'<>&;,{}()=:]{6,8192}$/;
/** The same in bytes that are no text. */
const lastToken = /[\w.+/~=@-]{6,8192}$/;
/** The beginning of a card, an account or a telephone number that is written in groups. */
const lastGroups = /(?:[A-Z]{2}\d\d|\+?\d\d)(?:[ ()-]{0,2}[0-9A-Z]){4,32}[ -]?$/;

/**
 * How many characters at the end of a text (or of bytes as latin1) that was cut may be the beginning of a secret: what
 * follows, by which it would be told, is missing.
 */
export function cutSecretLength(text: string, { isText = true }: { isText?: boolean } = {}): number {
  const end = text.slice(-8192);
  const groups = isText ? lastGroups.exec(end.slice(-64))?.[0] : undefined;
  const word = (isText ? lastWord : lastToken).exec(end)?.[0] ?? "";
  const mayBegin = looksRandom(word) || /\d{6}|eyJ|@/.test(word);
  return Math.max(groups?.length ?? 0, mayBegin ? word.length : 0);
}
