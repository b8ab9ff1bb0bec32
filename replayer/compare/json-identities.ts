import { JsonNumber, JsonObject, type JsonTree } from "../../message/index.js";

interface Open {
  value: JsonObject | readonly JsonTree[];
  children: readonly JsonTree[];
  ids: number[];
}

/**
 * Gives equal values equal numbers, whatever the order of their members: two subtrees are compared by comparing two
 * integers. Iterative; time and memory grow with the size of the values.
 */
export class JsonIdentities {
  readonly #ids = new Map<string, number>();

  of(value: JsonTree): number {
    const open: Open[] = [];
    let id = this.#enter(value, open);
    while (open.length > 0) {
      const top = open[open.length - 1]!;
      if (id !== undefined) top.ids.push(id);
      if (top.ids.length < top.children.length) {
        id = this.#enter(top.children[top.ids.length]!, open);
      } else {
        open.pop();
        id = this.#idOf(nameOf(top));
      }
    }
    return id!;
  }

  /** The number of a scalar; a container is opened, and has none yet. */
  #enter(value: JsonTree, open: Open[]): number | undefined {
    if (value instanceof JsonNumber) return this.#idOf(value.lexeme);
    if (value === null || typeof value !== "object") return this.#idOf(JSON.stringify(value));
    open.push({ value, children: value instanceof JsonObject ? value.values : value, ids: [] });
    return undefined;
  }

  #idOf(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.#ids.set(name, this.#ids.size);
    return this.#ids.size - 1;
  }
}

/** Members sorted by key; repeats of one key stay in their order, which says something. */
function nameOf({ value, ids }: Open): string {
  if (!(value instanceof JsonObject)) return `(${ids.join()})`;
  const members = value.keys.map((key, at) => ({ key, id: ids[at] }));
  members.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
  return JSON.stringify(members.flatMap(({ key, id }) => [key, id]));
}
