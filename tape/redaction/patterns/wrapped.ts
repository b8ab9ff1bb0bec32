import type { SecretPattern } from "./pattern.js";

/** Base64 of what begins like a token, a private key or `Bearer `: as Kubernetes Secrets and queues wrap them. */
export const wrapped: SecretPattern = {
  name: "base64",
  explain: "tokens and private keys wrapped in base64",
  find: {
    kind: "literal",
    starts: ["ZXl", "LS0", "QmV", "YmV", "Z2h", "QUt", "c2t", "eG9"],
    form: /(?:ZXlK|LS0tLS1CRUdJTi|QmVhcmVyI|YmVhcmVyI|Z2hwX|QUtJQ|c2tfbGl2ZV|eG94Y)[A-Za-z0-9+/_-]{12,}={0,2}/y,
  },
};
