import type { HeaderList } from "../message/index.js";

/*
 * Calls of one client carry one list of fields, and answers of one route another: the tape's reader and the sender give
 * equal lists as one object, so what follows from a list alone is worked out once for all its messages.
 */

/** Makes a function that works out once what follows from a list. */
export function rememberPerList<V>(make: (list: HeaderList) => V): (list: HeaderList) => V {
  const known = new WeakMap<HeaderList, { value: V }>();
  return (list) => {
    let found = known.get(list);
    if (found === undefined) {
      found = { value: make(list) };
      known.set(list, found);
    }
    return found.value;
  };
}

/** Makes a function that works out once how two lists stand to each other; of each first one the last pair is remembered. */
export function rememberPerPair<V>(make: (one: HeaderList, other: HeaderList) => V): typeof make {
  const known = new WeakMap<HeaderList, { other: HeaderList; value: V }>();
  return (one, other) => {
    const found = known.get(one);
    if (found?.other === other) return found.value;
    const value = make(one, other);
    known.set(one, { other, value });
    return value;
  };
}
