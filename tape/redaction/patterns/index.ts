import { basic, bearer } from "./bearer.js";
import { card } from "./card.js";
import { email } from "./email.js";
import { iban } from "./iban.js";
import { jwt } from "./jwt.js";
import type { SecretForm, SecretPattern } from "./pattern.js";
import { phone } from "./phone.js";
import { privateKey } from "./private-key.js";
import { providerKeys } from "./provider-keys.js";
import { urlPassword } from "./url-password.js";
import { uuidForm } from "./uuid.js";
import { wrapped } from "./wrapped.js";

/** Every kind of secret that is known by its own form; all are looked for unless a rules file switches one off. */
export const allPatterns: readonly SecretPattern[] = [
  jwt,
  privateKey,
  card,
  iban,
  email,
  phone,
  bearer,
  basic,
  urlPassword,
  wrapped,
  ...providerKeys,
];

const forms: readonly SecretForm[] = [
  uuidForm,
  ...allPatterns.flatMap(({ form }) => (form === undefined ? [] : [form])),
];

/** The form of a value that is a secret of a known kind, whatever the rules look for. */
export function formOf(value: string): SecretForm | undefined {
  // Shorter ones are addresses and telephone numbers at most.
  if (value.length < 13 && !/[@+]/.test(value)) return undefined;
  return forms.find((form) => form.is(value));
}
