import type { Finding } from "./finding.js";
import type { Seen } from "./seen.js";

/** One thing, or one family of things, that is looked for. Pure; a file of its own in `checks/`, and a line in `checks.ts`. */
export interface Check {
  /** In words, to say that it could not be made. */
  name: string;
  /** Kinds of objects of the namespace without which nothing can be said; first the one that it is about. */
  needs: readonly string[];
  look(seen: Seen): Finding[];
}
