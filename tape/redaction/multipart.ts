import { mayNameSecret } from "./json.js";
import { isSecretName } from "./secret-names.js";

const partName = /\bname="?([^";\r\n]{1,128})/gi;

/**
 * Whether a multipart body (as latin1) has a part that is named like a secret, or JSON that names one. The names are
 * looked for anywhere, file contents included: rather one body too many than a secret stored.
 */
export function multipartMayHoldSecrets(text: string): boolean {
  for (const [, name] of text.matchAll(partName)) if (isSecretName(name!)) return true;
  return mayNameSecret(text);
}
