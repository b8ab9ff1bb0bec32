/** An element of an XML document: enough to check what we write. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** Character data directly inside, unescaped and trimmed. */
  text: string;
}

const markup = /<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w.:-]+="[^"<]*")*)\s*(\/?)>/y;

/** Parses a document of elements, attributes and text, as strictly as XML 1.0; throws at the first thing that is wrong. */
export function parseXml(document: string): XmlElement {
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let at = /^<\?xml [^?]*\?>/.exec(document)?.[0].length ?? 0;
  while (at < document.length) {
    const next = document.indexOf("<", at);
    const end = next < 0 ? document.length : next;
    open.at(-1)!.text += unescaped(document.slice(at, end));
    if (next < 0) break;
    markup.lastIndex = next;
    const found = markup.exec(document);
    if (found === null) throw new Error(`no element at ${JSON.stringify(document.slice(next, next + 60))}`);
    at = markup.lastIndex;
    const [, closing, name = "", attributes = "", empty] = found;
    if (closing) close(open, name);
    else begin(open, name, attributes, Boolean(empty));
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error("the document is not one closed element");
  if (root.text.trim() !== "") throw new Error("text outside of the document element");
  return root.children[0]!;
}

function begin(open: XmlElement[], name: string, attributes: string, empty: boolean): void {
  const pairs = [...attributes.matchAll(/([\w.:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, unescaped(value!)]);
  const element: XmlElement = { name, attributes: Object.fromEntries(pairs), children: [], text: "" };
  open.at(-1)!.children.push(element);
  if (!empty) open.push(element);
}

function close(open: XmlElement[], name: string): void {
  const element = open.pop();
  if (element?.name !== name) throw new Error(`</${name}> closes <${element?.name}>`);
  element.text = element.text.trim();
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (text.includes("]]>")) throw new Error("]]> in character data");
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const char = whole.endsWith(";") ? entities[name] : undefined;
    if (char === undefined) throw new Error(`no entity: ${whole}`);
    return char;
  });
}
