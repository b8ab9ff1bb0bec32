import type { SecretPattern } from "./pattern.js";

/** `Bearer …` in any text (RFC 6750, section 2.1); in `authorization` the token is a secret without being looked at. */
export const bearer: SecretPattern = {
  name: "bearer",
  explain: "tokens after the word Bearer",
  find: {
    kind: "literal",
    starts: ["bea"],
    form: /bearer(?: +|%20|\+)([\w.~+/-]{8,}=*)/iy,
    // A sentence about bearers has words after it, no tokens.
    accepts: (token) => /[0-9]/.test(token) || /[a-z][A-Z]|[A-Z][a-z]+[A-Z]/.test(token),
  },
};

/** `Basic` and what decodes to `user:password` (RFC 7617, section 2). */
export const basic: SecretPattern = {
  name: "basic",
  explain: "user and password after the word Basic",
  find: {
    kind: "literal",
    starts: ["bas"],
    form: /basic(?: +|%20|\+)([A-Za-z0-9+/_-]{6,}={0,2})/iy,
    accepts: (token) => /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(token, "base64").toString("latin1")),
  },
};
