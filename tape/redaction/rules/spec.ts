/** Where a name may stand. */
export const nameKinds = ["header", "cookie", "query", "form", "json", "part", "xml"] as const;
export type NameKind = (typeof nameKinds)[number];

/** What makes a match of a rule's own pattern a secret. */
export const validators = ["luhn", "iban", "entropy"] as const;
export type Validator = (typeof validators)[number];

/**
 * What a recorder redacts beside, or instead of, what it does unasked: plain values, as they come from a rules file, cross
 * to the writing thread and stand on the tape, so that a replay redacts what it meets in the same way. None of it is a
 * secret. `{}` is what is done without a file.
 */
export interface RedactionSpec {
  /** More names that are secret; everywhere unless `in` says where. Case and the way words are joined do not count. */
  names?: readonly { name: string; in?: readonly NameKind[] }[];
  /** More values that are secret. Group 1, where there is one, is the secret within the match. */
  patterns?: readonly { name: string; regex: string; flags?: string; valid?: Validator; near?: string }[];
  /** Places that are always replaced; `*` stands for one step, `**` for any number. */
  places?: readonly string[];
  /** Places that are never replaced, by any rule. */
  allow?: readonly string[];
  /** Rules that are done unasked and are not to be, by name. */
  off?: readonly string[];
  /** Everything else is replaced: places that are kept as they came. */
  keepOnly?: readonly string[];
  /** What becomes of a body that may hold a secret and cannot be read; `drop` unless set. */
  unreadable?: "drop" | "flag";
}
