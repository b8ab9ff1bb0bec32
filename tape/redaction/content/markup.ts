import { alone, Neighbours } from "../company.js";
import type { PlaceList } from "../places.js";
import { redactField } from "../query.js";
import type { Redaction } from "../rules/redaction.js";
import { asText } from "../text/text.js";
import { type Content, contentFrom, type RedactedContent } from "./content.js";

/** Comments, sections and tags, as both XML and HTML write them; what stands between them is text. */
const markup =
  /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[([\s\S]*?)(?:\]\]>|$)|<(\/?)([A-Za-z_][\w:.-]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>|<[?!][^>]*>/g;
const attribute = /([A-Za-z_:@][\w:.-]*)(\s*=\s*)("([^"]*)"|'([^']*)'|[^\s"'>]+)/g;

/**
 * Redacts XML and HTML (as latin1): the text of elements and the values of attributes that are named like secrets,
 * `value` and `content` beside a `name` (or `id`, `key`, `property`) that is one, and secrets told by their form anywhere, comments and scripts included.
 * Places are `body:/html/body/input@value`, by the names of the open elements, without indexes.
 */
export function redactMarkup({ text }: Content, redaction: Redaction, places: PlaceList): RedactedContent {
  const { rules } = redaction;
  if (!rules.looksAtPlaces && !isFieldInCompany.test(text) && !rules.scanner.mayHoldSecret(text))
    return { kind: "unchanged" };
  return contentFrom(text, new MarkupRedactor(redaction, places).redact(text));
}

/** Elements that HTML never closes. */
const voidElements: ReadonlySet<string> = new Set(
  "area base br col embed hr img input link meta source track wbr".split(" "),
);

class MarkupRedactor {
  private readonly open: string[] = [];
  /** What the fields of its forms are called, where one has a name that is secret in company. */
  private fields: Neighbours = alone;

  constructor(
    private readonly redaction: Redaction,
    private readonly places: PlaceList,
  ) {}

  redact(text: string): string {
    let redacted = "";
    let copiedTo = 0;
    this.fields = fieldNames(text);
    for (const match of text.matchAll(markup)) {
      redacted += this.text(text.slice(copiedTo, match.index));
      copiedTo = match.index + match[0].length;
      redacted += this.item(match[0], match[1], match[3], match[4] ?? "", match[2] === "/");
    }
    return redacted + this.text(text.slice(copiedTo));
  }

  private item(
    whole: string,
    section: string | undefined,
    name: string | undefined,
    attributes: string,
    closes: boolean,
  ): string {
    if (section !== undefined)
      return `<![CDATA[${this.plain(section, this.elementName())}${whole.endsWith("]]>") ? "]]>" : ""}`;
    if (name === undefined) return this.plain(whole, "");
    if (closes) {
      const at = this.open.lastIndexOf(name);
      if (at !== -1) this.open.length = at;
      return whole;
    }
    this.open.push(name);
    const tag = attributes.includes("=") ? `<${name}${this.attributes(attributes)}>` : whole;
    if (attributes.endsWith("/") || voidElements.has(name.toLowerCase())) this.open.pop();
    return tag;
  }

  private attributes(text: string): string {
    const told = /\b(?:name|id|key|property)\s*=\s*["']?([^"'\s>]+)/i.exec(text)?.[1];
    return text.replace(
      attribute,
      (whole, name: string, equals: string, quoted: string, double?: string, single?: string) => {
        const raw = double ?? single ?? quoted;
        const isTold = told !== undefined && /^(?:value|content)$/i.test(name);
        const value = isTold ? this.value(raw, told, `@${name}`, this.fields) : this.value(raw, name, `@${name}`);
        if (value === raw) return whole;
        const quote = double !== undefined ? '"' : single !== undefined ? "'" : "";
        return name + equals + quote + value + quote;
      },
    );
  }

  private text(text: string): string {
    return /\S/.test(text) ? this.value(text, this.elementName()) : text;
  }

  /** Where there are entities they are read before, and written after; the spaces around a text stay. */
  private value(raw: string, name: string, suffix = "", beside = alone): string {
    const [, before = "", inner = "", after = ""] = /^(\s*)([\s\S]*?)(\s*)$/.exec(raw)!;
    const plain = withoutEntities(inner);
    const redacted = this.plain(plain, name, suffix, beside);
    if (redacted === plain) return raw;
    // A pseudonym has no sign of markup that the secret had not, so a script or a comment stays what it is.
    return before + (plain === inner ? redacted : withEntities(redacted)) + after;
  }

  private plain(text: string, name: string, suffix = "", beside = alone): string {
    const place = `body:/${this.open.join("/")}${suffix}`;
    return asText(text, (spelled) =>
      redactField(spelled, localName(name), this.redaction, this.places, place, "xml", beside),
    );
  }

  private elementName(): string {
    return this.open.at(-1) ?? "";
  }
}

/** OAuth 2.0 Form Post Response Mode: a page of hidden fields, `code` and `state` among them. */
const isFieldInCompany = /\bname\s*=\s*["']?(?:code|assertion|user_?code|signature)\b/i;

function fieldNames(text: string): Neighbours {
  if (!isFieldInCompany.test(text)) return alone;
  const fields = text.matchAll(/\bname\s*=\s*["']?([^"'\s>]+)/gi);
  return new Neighbours(Array.from(fields, (match) => ({ name: match[1]! })));
}

/** `wsse:Password` is a password. */
function localName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function withoutEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities.get(name) ?? whole;
      const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code <= 0x10ffff ? Buffer.from(String.fromCodePoint(code), "utf8").toString("latin1") : whole;
    },
  );
}

function withEntities(text: string): string {
  return text.replace(/[&<>"']/g, (character) => {
    for (const [name, meant] of entities) if (meant === character) return `&${name};`;
    return character;
  });
}
