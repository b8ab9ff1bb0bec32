import type { EditKind } from "./edit.js";
import { remove } from "./remove.js";
import { rename } from "./rename.js";
import { retype } from "./retype.js";
import { reverse } from "./reverse.js";
import { set } from "./set.js";

/** Every edit a change may ask for, in the order they are applied. */
export const allEdits: readonly EditKind[] = [set, retype, rename, reverse, remove];
