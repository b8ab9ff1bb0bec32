import type { ValueKind } from "../value-kind.js";
import { call } from "./call.js";
import { count } from "./count.js";
import { from } from "./from.js";
import { list } from "./list.js";
import { now } from "./now.js";
import { number } from "./number.js";
import { pick } from "./pick.js";
import { random } from "./random.js";
import { raw } from "./raw.js";
import { shuffle } from "./shuffle.js";
import { uuid } from "./uuid.js";

/** Every `{$name: …}` a template knows. */
export const allValueKinds: readonly ValueKind[] = [
  number,
  pick,
  list,
  uuid,
  raw,
  from,
  call,
  now,
  random,
  shuffle,
  count,
];
