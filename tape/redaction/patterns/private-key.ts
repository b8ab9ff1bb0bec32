import { renderMixed } from "../text/render.js";
import type { SecretPattern } from "./pattern.js";

const begin = "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----";
/** What follows as far as it is base64, header lines (`Proc-Type: …`) and escaped line ends, and the end where it is there. */
const block = new RegExp(
  `${begin}[\\sA-Za-z0-9+/=\\\\:,-]*?(?:-----END [A-Z0-9 ]{0,40}-----|(?![\\sA-Za-z0-9+/=\\\\:,-])|$)`,
  "y",
);
const armour = /-----(?:BEGIN|END) [A-Z0-9 ]{0,40}-----/g;

/** Private keys in PEM (RFC 7468) and OpenPGP armour. The armour's lines stay; so does the length of each line. */
export const privateKey: SecretPattern = {
  name: "private-key",
  explain: "private keys in PEM armour",
  find: { kind: "literal", starts: ["---"], form: block, inWord: true },
  form: {
    is: (value) => value.startsWith("-----BEGIN") && new RegExp(`^${begin}`).test(value),
    render: (secret, { next }) => {
      let rendered = "";
      let copiedTo = 0;
      for (const line of secret.matchAll(armour)) {
        rendered += renderLines(secret.slice(copiedTo, line.index), next) + line[0];
        copiedTo = line.index + line[0].length;
      }
      return rendered + renderLines(secret.slice(copiedTo), next);
    },
  },
};

/** `\n` as two characters, in text that was escaped, stays a line end. */
function renderLines(text: string, next: () => number): string {
  return text
    .split(/(\\[nr]|[\r\n]+)/)
    .map((line, at) => (at % 2 === 1 ? line : renderMixed(line, next)))
    .join("");
}
