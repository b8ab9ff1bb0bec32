import { renderMixed } from "../text/render.js";
import type { SecretPattern } from "./pattern.js";

/** ITU-T E.164: `+`, country and number, 8 to 15 digits, with the separators people write between them. */
const written = /(?<![\w+])\+[1-9](?:[ ().-]{0,2}\d){7,14}(?!\d)/g;

/** Telephone numbers in international form; numbers without `+` are told from others by their name alone. */
export const phone: SecretPattern = {
  name: "phone",
  explain: "telephone numbers in international form (+49 …)",
  find: {
    kind: "whole",
    search: (text, report) => {
      if (!text.includes("+")) return;
      for (const match of text.matchAll(written)) report(match.index, match.index + match[0].length);
    },
  },
  form: {
    is: (value) => /^\+[1-9](?:[ ().-]{0,2}\d){7,14}$/.test(value),
    plain: (value) => value.replace(/[ ().-]/g, ""),
    render: (secret, { next }) => {
      const rendered = renderMixed(secret.replace(/[^0-9]/g, ""), next);
      let at = 0;
      return secret.replace(/[0-9]/g, () => rendered[at++]!);
    },
  },
};
