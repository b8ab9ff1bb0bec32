import { looksRandom } from "./text/entropy.js";

/** A name with what else may stand beside it in the same object, form, query or list of parts. */
interface Company {
  /** In JSON it stands beside much else: there nothing but what looks made by a machine is secret. */
  isOrdinaryInJson: boolean;
  /** Beside one of these any text is secret. */
  telling: ReadonlySet<string>;
  /** Beside one of these, which stand beside much else, what looks made by a machine is. */
  hinting: ReadonlySet<string>;
}

/** RFC 6749, sections 4.1.2 and 4.1.3; RFC 7636; RFC 9207; OpenID Connect, hybrid flow and session management. */
const authorizationCode: Company = {
  telling: names(
    "grant_type redirect_uri client_secret client_assertion code_verifier code_challenge session_state id_token access_token",
  ),
  hinting: names("state client_id iss scope"),
  isOrdinaryInJson: true,
};

/** RFC 7521, section 4.1: an assertion as a grant. */
const grant: Company = {
  telling: names("grant_type client_assertion_type"),
  hinting: names("client_id scope"),
  isOrdinaryInJson: false,
};

/** RFC 8628, sections 3.2 and 3.3. */
const userCode: Company = {
  telling: names("device_code verification_uri verification_url verification_uri_complete grant_type"),
  hinting: names("client_id"),
  isOrdinaryInJson: false,
};

/** URLs and forms that were signed for a bucket or a distribution. */
const signature: Company = {
  telling: names("key_pair_id google_access_id aws_access_key_id oss_access_key_id"),
  hinting: names("expires"),
  isOrdinaryInJson: true,
};

const companies: ReadonlyMap<string, Company> = new Map([
  ["code", authorizationCode],
  ["assertion", grant],
  ["usercode", userCode],
  ["signature", signature],
]);

/** By code in lower case: what these names begin with. */
const isBeginning: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  [...companies.keys()].some((name) => name.charCodeAt(0) === code),
);

const longestCompanion = 25;

/** The names of an object, a form, a query or a list of parts; read once, when one of them may be secret by the others. */
export class Neighbours {
  #companions: Set<string> | undefined;

  constructor(private readonly all: readonly { name: string }[]) {}

  /** Whether one of them is among these. */
  hasAny(companions: ReadonlySet<string>): boolean {
    this.#companions ??= new Set(this.all.map(({ name }) => companionOf(name)).filter((name) => name !== undefined));
    for (const companion of this.#companions) if (companions.has(companion)) return true;
    return false;
  }
}

/** No others. */
export const alone = new Neighbours([]);

/** Whether a name, ordinary by itself, says of a secret where others stand beside it. */
export function isSecretInCompany(name: string): boolean {
  return companyOf(name) !== undefined;
}

/** Characters of what has no such name by accident. JSON has states of orders, too, and codes of errors. */
const fewest = 4;
const fewestMade = 8;
const fewestMadeInJson = 16;

/** Whether a value in JSON may be secret under such a name, whatever stands beside it. */
export function mayBeSecretInJson(name: string, value: string): boolean {
  const company = companyOf(name);
  if (company === undefined || value.length < fewest) return false;
  return !company.isOrdinaryInJson || (isMixed.test(value) && looksRandom(value));
}

/** No word in capitals, as codes of errors are. */
const isMixed = /[0-9]|[a-z].*[A-Z]|[A-Z].*[a-z]/;

/**
 * Whether this value is secret under such a name by the names beside it: the authorization code beside `grant_type` or
 * `state`, and its like. Numbers in JSON are none: give text alone.
 */
export function isSecretBeside(name: string, value: string, beside: Neighbours, isJson = false): boolean {
  const company = companyOf(name);
  if (company === undefined || value.length < fewest) return false;
  if (isJson && !mayBeSecretInJson(name, value)) return false;
  const isMade = value.length >= (isJson ? fewestMadeInJson : fewestMade) && looksRandom(value);
  return beside.hasAny(company.telling) || (isMade && beside.hasAny(company.hinting));
}

function companyOf(name: string): Company | undefined {
  const { length } = name;
  if (length !== 4 && (length < 8 || length > 10)) return undefined;
  return isBeginning[name.charCodeAt(0) | 0x20] ? companies.get(asOneWord(name)) : undefined;
}

const allCompanions: ReadonlySet<string> = new Set(
  [...companies.values()].flatMap(({ telling, hinting }) => [...telling, ...hinting]),
);

function companionOf(name: string): string | undefined {
  if (name.length > longestCompanion) return undefined;
  const spelled = asOneWord(name);
  return allCompanions.has(spelled) ? spelled : undefined;
}

/** Keys of such company in JSON text, in any way of writing them, with what its escapes leave around them. */
const companionKey = new RegExp(
  `"\\s*(?:${[...allCompanions].map((name) => Array.from(name).join("[_-]?")).join("|")})\\s*"\\s*:`,
  "i",
);

/** Whether something in this JSON text is called as what stands beside a secret: a cheap look. */
export function mayHaveCompany(text: string): boolean {
  return companionKey.test(text);
}

function names(list: string): ReadonlySet<string> {
  return new Set(list.split(" ").map(asOneWord));
}

function asOneWord(name: string): string {
  return /^[a-z]+$/.test(name) ? name : name.replace(/[^a-zA-Z0-9]/g, "").toLowerCase();
}
