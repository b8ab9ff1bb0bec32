import type { CredentialRule } from "./credentials/rule.js";
import type { LinkRules } from "./links/rules.js";

/** How state is carried. */
export interface CarryOptions {
  /** False: every value goes out as it was recorded, redacted ones aside. */
  links: boolean;
  /** What the operator says of links; absent where nothing was said. */
  rules?: LinkRules;
  /** What gives credentials that no recorded answer gave. */
  credentials: readonly CredentialRule[];
}
