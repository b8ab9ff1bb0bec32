import type { Json } from "../json.js";
import type { Scope } from "../value-kind.js";

/** Changes a rendered body in place. */
export type Edit = (body: Json, scope: Scope) => void;

/** One way to change a body that a change may ask for. Adding one is a file here and a line in the list. */
export interface EditKind {
  /** Its key in a change. */
  name: string;
  explain: string;
  /** Throws a Refusal when what was asked for is not what it takes. */
  compile(asked: unknown, where: string): Edit;
}
