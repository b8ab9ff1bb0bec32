import { Spot, type Visit } from "./spot.js";

/** Elements that carry a value for the next request: hidden inputs, `meta` with a token, links and forms. */
const element = /<(input|meta|a|form)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g;

/** Which attribute of an element holds the value. */
const holderOf: Record<string, string> = { input: "value", meta: "content", a: "href", form: "action" };

/**
 * Visits what an HTML page gives to the next request: the values of inputs (`body|input:csrf`) and of named `meta`
 * elements (`body|meta:csrf-token`), and what stands in the targets of links and forms (`body|a:3|path/2`, by their order).
 * `text` is latin1. Gives the page with what was replaced.
 */
export function walkHtml(text: string, prefix: string, visit: Visit): string | undefined {
  const met = new Map<string, number>();
  let written = "";
  let copiedTo = 0;
  for (const match of text.matchAll(element)) {
    const kind = match[1]!.toLowerCase();
    const found = valueIn(kind, match[2]!);
    if (found === undefined) continue;
    const { name, raw, at } = found;
    const isNamed = kind === "input" || kind === "meta";
    const own = `${kind}${isNamed ? `:${name}` : ""}`;
    const times = (met.get(own) ?? 0) + 1;
    met.set(own, times);
    const spot = new Spot(`${prefix}|${own}${isNamed ? (times === 1 ? "" : `#${times}`) : `:${times}`}`, name);
    spot.value = withoutEntities(raw);
    const replaced = visit(spot);
    if (replaced === undefined) continue;
    const start = match.index + 1 + match[1]!.length + at;
    written += text.slice(copiedTo, start) + withEntities(replaced);
    copiedTo = start + raw.length;
  }
  return copiedTo === 0 ? undefined : written + text.slice(copiedTo);
}

/** The attribute that holds the value, with where it begins among the attributes, and the element's name. */
function valueIn(kind: string, attributes: string): { name: string; raw: string; at: number } | undefined {
  let name = "";
  let found: { raw: string; at: number } | undefined;
  for (const match of attributes.matchAll(attribute)) {
    const key = match[1]!.toLowerCase();
    const raw = match[2] ?? match[3] ?? match[4] ?? "";
    if (key === "name" || (key === "property" && name === "")) name = withoutEntities(raw);
    if (key !== holderOf[kind]) continue;
    const isQuoted = match[4] === undefined;
    found = { raw, at: match.index + match[0].length - raw.length - (isQuoted ? 1 : 0) };
  }
  if (found === undefined || found.raw === "") return undefined;
  return (kind === "input" || kind === "meta") && name === "" ? undefined : { name, ...found };
}

const entities: readonly (readonly [string, string])[] = [
  ["&quot;", '"'],
  ["&#39;", "'"],
  ["&apos;", "'"],
  ["&#x27;", "'"],
  ["&#x2F;", "/"],
  ["&#43;", "+"],
  ["&#x3D;", "="],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&amp;", "&"],
];

function withoutEntities(text: string): string {
  if (!text.includes("&")) return text;
  return entities.reduce((so, [entity, character]) => so.replaceAll(entity, character), text);
}

function withEntities(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
