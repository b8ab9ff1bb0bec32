/** What kind of value a text is, as far as its form tells. */
export interface ValueClass {
  /** In words; values of one class have one name. */
  name: string;
  /** Values of this class are made anew for each answer, more often than not. */
  volatile: boolean;
}

const uuid = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
/** RFC 3339, section 5.6; the offset may be missing, as many services leave it out. */
const time = "\\d{4}-\\d\\d-\\d\\d[Tt ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?([Zz]|[+-]\\d\\d:?\\d\\d)?";
/** IMF-fixdate of RFC 9110, section 5.6.7. */
const httpDate = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT";

const wholeUuid = new RegExp(`^${uuid}$`);
const wholeTime = new RegExp(`^${time}$`);
const wholeHttpDate = new RegExp(`^${httpDate}$`);
const anyVolatile = new RegExp(`\\b(?:(${uuid})|(?:${time})|(?:${httpDate}))`, "g");
const jwt = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;
const hex = /^(?:[0-9a-f]{16,}|[0-9A-F]{16,})$/;
const opaque = /^[\w+/=.~-]{20,}$/;
/** Crockford's base 32, 48 bits of time first (the ULID specification). */
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** W3C Trace Context, section 3.2. */
const traceparent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** `ord_9f86d081884c7d65`: what it is of, then what is made anew. */
const prefixed = /^([A-Za-z][A-Za-z0-9]{0,15}[_-])([0-9A-Za-z].{14,})$/;

/** Epoch times between May 2014 and September 2039: outside of these a number is a number. */
const epochSeconds = [1.4e9, 2.2e9] as const;

export const opaqueToken: ValueClass = { name: "opaque token", volatile: true };

/** The class of a value given as JSON text or as plain text; quotes around it are looked through. */
export function classOf(text: string): ValueClass {
  const value = unquoted(text);
  return (
    volatileClass(value) ?? {
      name: plainName(value, value !== text),
      volatile: false,
    }
  );
}

/**
 * The class that two values share: the class of both, or "text around …" when they are equal but for the volatile
 * values in them (a path with a uuid in it). Undefined when they have different classes.
 */
export function sharedClass(expected: string, actual: string): ValueClass | undefined {
  const left = classOf(expected);
  const right = classOf(actual);
  if (left.name !== right.name) return areTokens(expected, actual) ? opaqueToken : undefined;
  if (left.volatile) return left;
  const masked = maskVolatile(expected);
  const changing = masked !== expected && masked === maskVolatile(actual);
  return changing ? { name: "text around a uuid or time", volatile: true } : left;
}

function volatileClass(value: string): ValueClass | undefined {
  if (wholeUuid.test(value)) return { name: "uuid", volatile: true };
  const at = wholeTime.exec(value);
  // The offset belongs to the class: a value that moves to another time zone does not keep its class.
  if (at !== null) return { name: `time ${at[1]?.toUpperCase() ?? "without offset"}`, volatile: true };
  if (wholeHttpDate.test(value)) return { name: "HTTP date", volatile: true };
  if (/^\d{10}(\.\d+)?$/.test(value) && within(Number(value))) return { name: "epoch seconds", volatile: true };
  if (/^\d{13}(\.\d+)?$/.test(value) && within(Number(value) / 1e3))
    return { name: "epoch milliseconds", volatile: true };
  if (jwt.test(value)) return { name: "JWT", volatile: true };
  if (hex.test(value) && /\d/.test(value) && /[a-fA-F]/.test(value)) {
    return { name: `${value.length} hex digits`, volatile: true };
  }
  if (traceparent.test(value)) return { name: "traceparent", volatile: true };
  if (ulid.test(value) && /\d/.test(value.slice(10)) && /[A-Z]/.test(value)) return { name: "ULID", volatile: true };
  if (opaque.test(value) && isMixed(value)) return opaqueToken;
  const [, prefix, rest = ""] = prefixed.exec(value) ?? [];
  const made = prefix === undefined ? undefined : volatileClass(rest);
  return made && { name: `${prefix}${made.name}`, volatile: true };
}

function plainName(value: string, quoted: boolean): string {
  if (!quoted && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)) return "number";
  if (!quoted && (value === "true" || value === "false")) return "boolean";
  if (!quoted && value === "null") return "null";
  return "text";
}

/**
 * Whether both may be opaque tokens, though neither has all that tells one: among thousands that are drawn some have no digit,
 * or few different letters.
 */
export function mayBeTokens(expected: string, actual: string): boolean {
  const values = [unquoted(expected), unquoted(actual)] as const;
  return (
    values[0].length === values[1].length && values.every((value) => opaque.test(value) && entropyBits(value) >= 3)
  );
}

/** One is a token, and the other as long and as disordered: some that are drawn have no digit in them. */
function areTokens(expected: string, actual: string): boolean {
  const values = [unquoted(expected), unquoted(actual)] as const;
  if (values[0].length !== values[1].length || !values.some((value) => volatileClass(value) === opaqueToken))
    return false;
  return values.every(
    (value) => opaque.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value) && entropyBits(value) >= 3.5,
  );
}

/** Upper case, lower case and digits, and no letter doing most of the work: words and paths are not tokens. */
function isMixed(value: string): boolean {
  return /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value) && entropyBits(value) >= 3.5;
}

/** Shannon entropy in bits a character. */
function entropyBits(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

function within(seconds: number): boolean {
  return seconds >= epochSeconds[0] && seconds <= epochSeconds[1];
}

function maskVolatile(text: string): string {
  return text.replace(anyVolatile, (_, id: string | undefined, offset: string | undefined) =>
    id !== undefined ? "‹uuid›" : `‹time ${offset ?? ""}›`,
  );
}

/** Without the quotes of a JSON string or an entity tag. */
function unquoted(text: string): string {
  const weak = text.startsWith('W/"') ? text.slice(2) : text;
  return weak.length >= 2 && weak.startsWith('"') && weak.endsWith('"') ? weak.slice(1, -1) : text;
}

/** A time in milliseconds since the epoch, of any of the classes of times; undefined for other values. */
export function timeMsOf(text: string): number | undefined {
  const value = unquoted(text);
  const ms = wholeHttpDate.test(value) ? Date.parse(value) : wholeTime.test(value) ? parsedTime(value) : epochMs(value);
  return ms === undefined || Number.isNaN(ms) ? undefined : ms;
}

/** `Date` wants a `T` between date and time, and a point before the fraction. */
function parsedTime(value: string): number {
  return Date.parse(value.replace(/[t ]/, "T").replace(",", "."));
}

function epochMs(value: string): number | undefined {
  switch (volatileClass(value)?.name) {
    case "epoch seconds":
      return Number(value) * 1e3;
    case "epoch milliseconds":
      return Number(value);
    default:
      return undefined;
  }
}
