import { isMap, isScalar, LineCounter, type Node, type ParsedNode, parseAllDocuments } from "yaml";
import { OperatorError, reasonOf } from "../base/index.js";
import { oneVirtualServiceAHost } from "./hosts.js";
import { refusalOf } from "./refusal.js";
import { type VirtualService, virtualServiceSchema } from "./schema.js";

type YamlDocument = ReturnType<typeof parseAllDocuments<ParsedNode>>[number];

/**
 * The VirtualServices of a YAML text of one or more documents. Throws an OperatorError that names the file, the line and
 * the field when something is not in the subset; empty documents are passed over.
 */
export function parseVirtualServices(yamlText: string, fileName: string): VirtualService[] {
  const lines = new LineCounter();
  const refuse = (offset: number, message: string): never => {
    throw new OperatorError(`cannot use ${fileName}:${lines.linePos(offset).line}: ${message}`);
  };
  const documents = parseAllDocuments(yamlText, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  const found = documents.flatMap((document) => parseDocument(document, refuse));
  const twice = oneVirtualServiceAHost(found);
  if (twice) throw new OperatorError(`cannot use ${fileName}: ${twice}`);
  return found;
}

function parseDocument(document: YamlDocument, refuse: (offset: number, message: string) => never): VirtualService[] {
  const [error] = document.errors;
  if (error) refuse(error.pos[0], error.message);
  if (document.contents === null) return [];
  const written = yamlValue(document, refuse);
  if (written === null) return [];
  const result = virtualServiceSchema.safeParse(written);
  if (result.success) return [result.data];
  const { path, message } = refusalOf(result.error);
  return refuse(offsetOf(document, path), message);
}

// An alias to nowhere, or a chain of them that would fill the memory, shows itself only here.
function yamlValue(document: YamlDocument, refuse: (offset: number, message: string) => never): unknown {
  try {
    return document.toJS() as unknown;
  } catch (thrown) {
    return refuse(document.range[0], reasonOf(thrown));
  }
}

/** Where a path stands in the text; where it is absent, its nearest holder. */
function offsetOf(document: YamlDocument, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const holder = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const node = keyNode(holder, path[length - 1]!) ?? document.getIn(path.slice(0, length), true);
    const range = (node as Node | undefined)?.range;
    if (range) return range[0];
  }
  return document.contents?.range?.[0] ?? document.range[0];
}

function keyNode(holder: unknown, key: PropertyKey): Node | undefined {
  if (!isMap(holder)) return undefined;
  const pair = holder.items.find((item) => isScalar(item.key) && item.key.value === key);
  return pair?.key as Node | undefined;
}
