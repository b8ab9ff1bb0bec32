export type { Carry } from "./carry.js";
export type { CredentialRule } from "./credentials/rule.js";
export { parseCredentialOption, parseCredentials } from "./credentials/rules-file.js";
export { type LinkRules, parseLinkRules } from "./links/rules.js";
export { type ListedLinks, listLinks } from "./list-links.js";
export { openCarry } from "./open-carry.js";
export type { CarryOptions } from "./options.js";
