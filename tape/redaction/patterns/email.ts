import { renderMixed, renderPlain } from "../text/render.js";
import type { SecretPattern } from "./pattern.js";

const localCharacter = /[A-Za-z0-9._%+'-]/;
const domain = /@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![A-Za-z0-9-])/y;
const whole = /^[A-Za-z0-9](?:[A-Za-z0-9._%+'-]{0,63})@(?:[A-Za-z0-9-]+\.)+([A-Za-z]{2,24})$/;
/** `icon@2x.png` is a file. */
const fileEnding = /@[^.]+\.(?:avif|css|gif|html?|ico|jpe?g|js|json|map|mjs|png|svg|ts|webp|woff2?)$/i;

/** E-mail addresses of the plain form (RFC 5321's quoted local parts are not looked for). */
export const email: SecretPattern = {
  name: "email",
  explain: "e-mail addresses",
  find: {
    kind: "whole",
    search: (text, report) => {
      for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
        const start = localStart(text, at);
        if (start === at || isUserInfo(text, start)) continue;
        domain.lastIndex = at;
        const found = domain.exec(text)?.[0];
        if (found !== undefined && !fileEnding.test(found)) report(start, at + found.length);
      }
    },
  },
  form: {
    is: (value) => value.length <= 320 && value.includes("@") && whole.test(value) && !fileEnding.test(value),
    // A last label of z's is no top-level domain, so nothing is ever sent to a stranger.
    render: (secret, { next }) => {
      const at = secret.indexOf("@");
      const lastDot = secret.lastIndexOf(".");
      const local = renderPlain(secret.slice(0, at), next);
      return `${local}${renderMixed(secret.slice(at, lastDot), next)}.${"z".repeat(secret.length - lastDot - 1)}`;
    },
  },
};

/** What stands before the `@` is the password of a URL: the host after it is no address's domain. */
function isUserInfo(text: string, start: number): boolean {
  return text[start - 1] === ":" && /:\/{2,4}[^\s/?#@:]*:$/.test(text.slice(Math.max(0, start - 160), start));
}

/** Where the local part that ends at the `@` begins: at a letter or digit, 64 characters back at most. */
function localStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < 64 && localCharacter.test(text[start - 1]!)) start--;
  while (start < at && !/[A-Za-z0-9]/.test(text[start]!)) start++;
  return start;
}
