export * from "./answer.js";
export * from "./key.js";
export { type KeyedHasher, keyedHash, keyedHashBytes, keyedHasher } from "./keyed-hash.js";
export { makingOnce } from "./made-once.js";
export * from "./part.js";
export { pseudonymOf } from "./pseudonym.js";
export { isSecretName } from "./secret-names.js";
