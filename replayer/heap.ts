/** The least of what was put in comes out first. */
export interface Heap<T> {
  readonly size: number;
  push(item: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
}

/** A binary heap by a numeric key, read once when an item is put in. */
export function openHeap<T>(keyOf: (item: T) => number): Heap<T> {
  const items: T[] = [];
  const keys: number[] = [];

  const place = (at: number, item: T, key: number) => {
    items[at] = item;
    keys[at] = key;
  };

  const sinkFromTop = (item: T, key: number) => {
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= key) break;
      place(at, items[child]!, keys[child]!);
      at = child;
    }
    place(at, item, key);
  };

  return {
    get size() {
      return items.length;
    },
    push(item) {
      const key = keyOf(item);
      let at = items.length;
      for (let parent = (at - 1) >> 1; at > 0 && keys[parent]! > key; parent = (at - 1) >> 1) {
        place(at, items[parent]!, keys[parent]!);
        at = parent;
      }
      place(at, item, key);
    },
    peek: () => items[0],
    pop() {
      const least = items[0];
      const last = items.pop();
      const lastKey = keys.pop();
      if (items.length > 0) sinkFromTop(last!, lastKey!);
      return least;
    },
  };
}
