import { parseMediaType } from "../../message/index.js";
import { alone, Neighbours } from "./company.js";
import type { Content, ContentRedactor, RedactedContent } from "./content/content.js";
import { PlaceList } from "./places.js";
import { demandedBy, type Redaction, within } from "./rules/redaction.js";
import { asText, redactText, replaceWhole } from "./text/text.js";

/** Redacts one part's content by its own type. */
export type PartRedactor = ContentRedactor;

/**
 * Redacts a multipart body (RFC 2046, section 5.1; RFC 7578) part by part: a part named like a secret is replaced whole,
 * any other by its own type; secrets in its header lines, such as a file's name, go too. Places are `part:NAME`, followed
 * by the place within the part. What cannot be taken apart and may hold a secret is damaged.
 */
export function redactMultipart(
  content: Content,
  redaction: Redaction,
  places: PlaceList,
  redactPart: PartRedactor,
): RedactedContent {
  const { rules } = redaction;
  const beside = partNames(content.text);
  if (content.isWhole && !rules.looksAtPlaces && beside === alone && !rules.scanner.mayHoldSecret(content.text))
    return { kind: "unchanged" };
  const boundary = content.type?.parameters.get("boundary");
  const pieces = boundary === undefined ? [] : content.text.split(delimiter(boundary));
  if (pieces.length < 3) return rules.scanner.mayHoldSecret(content.text) ? { kind: "damaged" } : { kind: "unchanged" };
  let changed = false;
  // Every second piece is a delimiter; before the first and after the last stands no part.
  for (let at = 2; at < pieces.length; at += 2) {
    if (pieces[at - 1]!.trimEnd().endsWith(`--${boundary}--`)) break;
    const isWhole = content.isWhole || at + 1 < pieces.length;
    const redacted = redactOne(pieces[at]!, beside, redaction, places, redactPart, isWhole);
    if (redacted === undefined) return { kind: "damaged" };
    changed ||= redacted !== pieces[at];
    pieces[at] = redacted;
  }
  return changed ? { kind: "redacted", text: pieces.join("") } : { kind: "unchanged" };
}

/** What its parts are called, where one has a name that is secret in company. */
function partNames(text: string): Neighbours {
  if (!isNamedInCompany.test(text)) return alone;
  const heads = text.matchAll(/^content-disposition:[^\r\n]*?\bname="?([^"\r\n;]*)/gim);
  return new Neighbours(Array.from(heads, (match) => ({ name: match[1]! })));
}

const isNamedInCompany = /\bname="?(?:code|assertion|user_?code|signature)\b/i;

function delimiter(boundary: string): RegExp {
  const name = boundary.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`((?:^|\\r?\\n)--${name}(?:--)?[ \\t]*(?:\\r?\\n|$))`);
}

/** Undefined when it cannot be read and may hold a secret. */
function redactOne(
  part: string,
  beside: Neighbours,
  redaction: Redaction,
  places: PlaceList,
  redactPart: PartRedactor,
  isWhole: boolean,
): string | undefined {
  const [, head = "", gap = "", body = ""] =
    /^((?:[^\r\n]+\r?\n)*?[^\r\n]*?)(\r?\n\r?\n|^\r?\n)([\s\S]*)$/.exec(part) ?? [];
  if (gap === "") return redaction.rules.scanner.mayHoldSecret(part) ? undefined : part;
  const name = asText(/\bname="?((?:[^"\\;\r\n]|\\.)*)/i.exec(head)?.[1] ?? "", (text) => text);
  const place = `part:${name}`;
  const newHead = redactText(head, redaction, places, `${place} header`);
  const { rules } = redaction;
  const rule =
    rules.namedBy(name, "part", body) ?? rules.namedBeside(name, body, beside) ?? demandedBy(redaction, place);
  if (rule !== undefined) {
    return newHead + gap + asText(body, (text) => replaceWhole(text, rule, redaction, places, place));
  }
  const inPart = new PlaceList();
  const placeOf = (inner: string) => `${place}${inner.replace(/^body:?/, "")}`;
  const redacted = redactPart(contentOf(head, body, isWhole), within(redaction, placeOf), inPart);
  if (redacted.kind === "damaged") return undefined;
  places.addAll(inPart, placeOf);
  return newHead + gap + (redacted.kind === "redacted" ? redacted.text : body);
}

function contentOf(head: string, text: string, isWhole: boolean): Content {
  const type = /^content-type:[ \t]*(.*)$/im.exec(head)?.[1];
  return {
    bytes: Buffer.from(text, "latin1"),
    text,
    isWhole,
    type: type === undefined ? undefined : parseMediaType(type.trim()),
    messageEncoding: undefined,
  };
}
