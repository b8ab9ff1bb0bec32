/**
 * Which names of headers, JSON, form and query fields say that the value is a secret.
 *
 * A name is taken as words: `userPassword`, `user_password`, `user-password`, `user[password]` and `USER.PASSWORD` are
 * `user password`; digits at the end are dropped (`password2`). It is secret when one of these holds, and its last
 * word is no word about a secret (`password_length`, `token_type`, `session_ttl`):
 *
 * 1. one of its words is in {@link secretWords} (`new_password_again`, `clientSecret`),
 * 2. it ends with one of {@link secretEndings} (`access_token`, `x-auth`, `card_pin`, `session_id`),
 * 3. it, or its last word, is one of these written in one (`x-sessionid`, `PassWord`, `JSESSIONID`), or ends with
 *    {@link endingsWrittenInOne} (`userpassword`, `accesstoken`).
 *
 * What is counted, not held, is no secret: `tokens_used`, `max_tokens`, `total_tokens` (only the singular is in the
 * list). Neither are the positions of a listing: `page_token`, `nextPageToken`, `continuation_token`. Left out because
 * they are ordinary far more often than secret: `key`, `code`, `signature`, `assertion` (secret in some company: see
 * `company.ts`), `nonce`, `state`, `pan`, `cid`, `hash`, `email`, `user`. A name of more than 128 characters is none.
 */
export function isSecretName(name: string): boolean {
  return secrecyOf(name) !== undefined;
}

/** `always`: whatever stands there is secret. `text`: only text is, and only what {@link isResult} does not know. */
export type Secrecy = "always" | "text";

/** How far a name says that its value is secret; undefined when it does not. */
export function secrecyOf(name: string): Secrecy | undefined {
  const known = judged.get(name);
  if (known !== undefined || judged.has(name)) return known;
  if (name.length > longestName) return undefined;
  const secrecy = judge(name);
  // Names come from the traffic, so the memory of them is bounded.
  if (judged.size >= 4096) judged.clear();
  judged.set(name, secrecy);
  return secrecy;
}

/** Whether a value under a name whose {@link Secrecy} is `text` is the result of a test: `pass=true`, `pass=3`. */
export function isResult(value: string): boolean {
  return result.test(value);
}

const result =
  /^(?:true|false|yes|no|on|off|ok|pass|passed|fail|failed|skipped|null|none|n\/a|-?\d{1,3}|[\d.]+ ?(?:%|ms|s)|\d+(?:\.|\/| of )\d+)?$/i;

/** The longest name that is judged, in characters. */
export const longestName = 128;

const judged = new Map<string, Secrecy | undefined>();

const secretWords: ReadonlySet<string> = new Set([
  "password",
  "passwords",
  "passwd",
  "passphrase",
  "passcode",
  "pwd",
  "secret",
  "secrets",
  "credential",
  "credentials",
  "creds",
  "apikey",
  "apikeys",
]);

const secretEndings: readonly string[] = [
  "token",
  "token hint",
  "token value",
  "access tokens",
  "refresh tokens",
  "auth tokens",
  "jwt",
  "bearer",
  "auth",
  "authorization",
  "authentication",
  "pass word",
  "pass phrase",
  "pass code",
  "pass hash",
  // OAuth 2.0 and what is built on it: RFC 7521, 7636, 8628, CIBA; OAuth 1.0: RFC 5849. By the plain method of RFC 7636
  // the challenge is the verifier.
  "client assertion",
  "jwt assertion",
  "code verifier",
  "code challenge",
  "device code",
  "verification uri complete",
  "verification url complete",
  "auth req id",
  "oauth verifier",
  "oauth signature",
  // SAML 2.0 bindings, sections 3.4 to 3.6; WS-Federation.
  "saml response",
  "saml request",
  "saml art",
  "saml artifact",
  "saml assertion",
  "wresult",
  // Signed URLs, which whoever has them may use.
  "sig",
  "amz signature",
  "goog signature",
  "oss signature",
  "shared access signature",
  "api key",
  "api keys",
  "access key",
  "shared access key",
  "account key",
  "private key",
  "secret key",
  "signing key",
  "encryption key",
  "decryption key",
  "hmac key",
  "tls key",
  "ssl key",
  "master key",
  "shared key",
  "subscription key",
  "functions key",
  "ssh key",
  "license key",
  "licence key",
  "activation key",
  "connection string",
  "mnemonic",
  "mnemonic phrase",
  "seed phrase",
  "recovery phrase",
  "session",
  "session id",
  "session key",
  "sess id",
  "sid",
  "phpsessid",
  "jsessionid",
  "csrf",
  "xsrf",
  // What a person proves to be the one with.
  "pin",
  "pin code",
  "otp",
  "otp code",
  "totp",
  "totp code",
  "mfa code",
  "2fa code",
  "two factor code",
  "one time code",
  "sms code",
  "verification code",
  "verify code",
  "confirmation code",
  "activation code",
  "security code",
  "access code",
  "login code",
  "reset code",
  "unlock code",
  "auth code",
  "authorization code",
  "authentication code",
  "recovery code",
  "recovery codes",
  "backup code",
  "backup codes",
  // Cards: PCI DSS, requirement 3.
  "cvv",
  "cvv code",
  "cvc",
  "cvc code",
  "cvn",
  "csc",
  "cav",
  "card verification value",
  "card verification number",
  "card validation code",
  "card authentication value",
  "pin block",
  "track data",
  // Numbers of persons and their accounts.
  "iban",
  "ssn",
  "social security",
  "national id",
  "taxpayer id",
  "nino",
  "bsn",
  "codice fiscale",
  ...numbersOf(
    `card|social security|national insurance|national id|national identification|passport|taxpayer id|
    tax identification|taxpayer identification|driver license|drivers license|driving license|driver licence|
    drivers licence|driving licence`,
  ),
];

/** Each with what says that it is a number: `card number`, `card no`. */
function numbersOf(subjects: string): string[] {
  return subjects
    .split(/\|\s*/)
    .flatMap((subject) => ["number", "no", "num", "nr"].map((word) => `${subject} ${word}`));
}

/** Before `pass`: what lets one in or through, and is no password. */
const passWords: ReadonlySet<string> = new Set(
  `all annual battle boarding bus by city cross day event fast festival first free guest hall high last lift low may
  month mountain multi museum must next no one press rail render season second shadow should single ski third train
  transit travel two visitor week year`.split(/\s+/),
);

/** Last words that turn a name into one about a secret. */
const aboutWords: ReadonlySet<string> = new Set(
  `age algorithm at attempts attribute budget changed charset class count created date days deadline description enabled
  endpoint expected expires expire expired expiration expiry field form format header help hours iat in input issuer kind
  label lang language last left length lifetime limit link max message method min minutes mode name only page path
  policy prefix remaining required reset rotated rotation rule rules scope scopes seconds size state status strength
  supported time timeout title total ttl type types until updated uri url usage used valid validity version`.split(
    /\s+/,
  ),
);

/** Before `token`: where a listing goes on. */
const positionWords: ReadonlySet<string> = new Set([
  "page",
  "pagination",
  "continuation",
  "continue",
  "sync",
  "resume",
]);

/** Written in one. */
const joinedForms: ReadonlySet<string> = new Set(
  [...secretWords, ...secretEndings].map((phrase) => phrase.replaceAll(" ", "")),
);

const endingsWrittenInOne = /(?:password|passwd|secret|token|apikey)$/;

/** Not any word before it: `compass`, `bypass`, `trespass`. */
const passWrittenInOne =
  /^(?:admin|db|ftp|http|key|login|mail|mysql|proxy|redis|root|smtp|ssh|store|user|usr|wifi)pass$/;

function judge(name: string): Secrecy | undefined {
  const words = wordsOf(name);
  const last = words.at(-1);
  if (last === undefined || (words.length > 1 && aboutWords.has(last))) return undefined;
  if (words.some((word) => secretWords.has(word))) return "always";
  if (last.endsWith("token") && isPosition(last === "token" ? words.at(-2) : last.slice(0, -5))) return undefined;
  if (endingsWrittenInOne.test(last) || joinedForms.has(last)) return "always";
  const spaced = ` ${words.join(" ")}`;
  if (secretEndings.some((ending) => spaced.endsWith(` ${ending}`)) || joinedForms.has(lastPiece(name)))
    return "always";
  if (passWrittenInOne.test(last)) return "text";
  return last === "pass" && !passWords.has(words.at(-2) ?? "") ? "text" : undefined;
}

function isPosition(word: string | undefined): boolean {
  return word !== undefined && positionWords.has(word);
}

/** The last word without looking at capitals, which stand in odd places (`PassWord`, `user_SAMLart`). */
function lastPiece(name: string): string {
  const pieces = name.toLowerCase().split(/[^a-z0-9]+/);
  return pieces.findLast((piece) => piece !== "") ?? "";
}

/** In lower case, without digits at their end: `X-APIKey2` → `x`, `api`, `key`. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/[0-9]+$/, ""))
    .filter((word) => word !== "");
}

/**
 * One of these stands in every name that {@link isSecretName} accepts, so text without any of them names no secret.
 * Each is in lower case; words split by case or punctuation (`api_key`) are covered by one of their parts. What is looked
 * for are three letters: those after the bar, or the first. They are chosen to be rare in text.
 */
export const nameStems: readonly string[] =
  `pass pwd s|ecret cr|eds credent|ial key t|oken jwt b|earer auth a|ssertion sig s|ess sid csrf xsrf pin cvv cvc cvn csc
  cav card otp code c|hallenge veri|fier i|fication s|aml wres|ult con|nection mnemo|nic phrase tr|ack iban ssn social licen
  natio|nal ta|xpayer nino bsn f|iscale`.split(/\s+/);
