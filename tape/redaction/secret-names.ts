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
 * they are ordinary far more often than secret: `key`, `code`, `signature`, `nonce`, `hash`, `email`, `user`. A name
 * of more than 128 characters is none.
 */
export function isSecretName(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  if (name.length > longestName) return false;
  const secret = judge(name);
  // Names come from the traffic, so the memory of them is bounded.
  if (judged.size >= 4096) judged.clear();
  judged.set(name, secret);
  return secret;
}

/** The longest name that is judged, in characters. */
export const longestName = 128;

const judged = new Map<string, boolean>();

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
  "client assertion",
  "jwt assertion",
  "sig",
  "amz signature",
  "api key",
  "api keys",
  "access key",
  "account key",
  "private key",
  "secret key",
  "signing key",
  "encryption key",
  "master key",
  "shared key",
  "subscription key",
  "functions key",
  "ssh key",
  "session",
  "session id",
  "session key",
  "sess id",
  "sid",
  "csrf",
  "xsrf",
  "pin",
  "pin code",
  "cvv",
  "cvv code",
  "cvc",
  "csc",
  "card verification value",
  "otp",
  "otp code",
  "totp",
  "mfa code",
  "recovery code",
  "recovery codes",
  "backup codes",
  "phpsessid",
  "jsessionid",
];

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

function judge(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1);
  if (last === undefined || (words.length > 1 && aboutWords.has(last))) return false;
  if (words.some((word) => secretWords.has(word))) return true;
  if (last.endsWith("token") && isPosition(last === "token" ? words.at(-2) : last.slice(0, -5))) return false;
  if (endingsWrittenInOne.test(last) || joinedForms.has(last)) return true;
  const spaced = ` ${words.join(" ")}`;
  return secretEndings.some((ending) => spaced.endsWith(` ${ending}`)) || joinedForms.has(asOneWord(name));
}

function isPosition(word: string | undefined): boolean {
  return word !== undefined && positionWords.has(word);
}

/** Without looking at its capitals, which stand in odd places (`PassWord`). */
function asOneWord(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
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
 * Each is in lower case; words split by case or punctuation (`api_key`) are covered by one of their parts.
 */
export const nameStems = [
  "pass",
  "pwd",
  "secret",
  "cred",
  "key",
  "token",
  "jwt",
  "bearer",
  "auth",
  "assertion",
  "sig",
  "sess",
  "sid",
  "csrf",
  "xsrf",
  "pin",
  "cvv",
  "cvc",
  "csc",
  "card",
  "otp",
  "code",
] as const;
