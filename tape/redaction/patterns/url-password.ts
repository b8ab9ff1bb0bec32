import type { SecretPattern } from "./pattern.js";

/** The password before a host: `postgres://user:password@host/` (RFC 3986, section 3.2.1). Escaped slashes are slashes. */
const written = /:\/{2,4}[^\s/?#:@"'<>]{0,128}:([^\s/?#@"'<>]{1,256})@/g;

export const urlPassword: SecretPattern = {
  name: "url-password",
  explain: "passwords in URLs, before the host",
  find: {
    kind: "whole",
    search: (text, report) => {
      if (!text.includes("@")) return;
      for (const match of text.matchAll(written)) {
        const end = match.index + match[0].length - 1;
        report(end - match[1]!.length, end);
      }
    },
  },
};
