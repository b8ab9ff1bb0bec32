import { JsonScanner } from "../../../message/index.js";
import { renderMixed } from "../text/render.js";
import type { FormTools, SecretPattern } from "./pattern.js";

const segments = "eyJ[\\w-]{6,}(?:\\.[\\w-]*){2,4}";
const whole = new RegExp(`^${segments}$`);

/**
 * JSON Web Tokens (RFC 7519, signed or encrypted). The header and the names of the claims stay; each claim's value gets
 * the pseudonym it has elsewhere, so that a token's `sub` still equals the user's id in a body.
 */
export const jwt: SecretPattern = {
  name: "jwt",
  explain: "JSON Web Tokens; header and claim names are kept",
  find: { kind: "literal", starts: ["eyJ"], form: new RegExp(segments, "y"), inWord: true },
  form: {
    is: (value) => value.startsWith("eyJ") && whole.test(value),
    render: (secret, tools) => {
      const [header, payload = "", ...rest] = secret.split(".");
      const claims = rest.length === 1 ? renderClaims(payload, tools) : undefined;
      const rendered = [claims ?? renderMixed(payload, tools.next), ...rest.map((one) => renderMixed(one, tools.next))];
      return [header, ...rendered].join(".");
    },
  },
};

/** Undefined when the payload is no JSON object. */
function renderClaims(payload: string, tools: FormTools): string | undefined {
  const bytes = Buffer.from(payload, "base64url");
  const scanner = new JsonScanner(bytes);
  const pieces: string[] = [];
  let copiedTo = 0;
  for (let token = scanner.next(); token !== "end"; token = scanner.next()) {
    if (token === "invalid") return undefined;
    if (token !== "string" && token !== "number") continue;
    const raw = bytes.toString("utf8", scanner.start, scanner.end);
    const value = token === "string" ? (JSON.parse(raw) as string) : raw;
    const replaced =
      token === "number" && /e/i.test(raw) ? renderMixed(raw.slice(0, 1), tools.next) : tools.pseudonymOf(value);
    pieces.push(
      bytes.toString("utf8", copiedTo, scanner.start),
      token === "string" ? JSON.stringify(replaced) : replaced,
    );
    copiedTo = scanner.end;
  }
  pieces.push(bytes.toString("utf8", copiedTo));
  return Buffer.from(pieces.join(""), "utf8").toString("base64url");
}
