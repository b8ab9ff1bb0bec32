import { z } from "zod";
import { check, OperatorError } from "../../../base/index.js";
import type { Spot } from "../values/spot.js";

/**
 * What an operator says of links, beside what is learnt. An end is a place, or a route and a place: `body:/id`,
 * `POST /orders body:/id`. `from` and `to`: equal values at these two are a link however short they are, and the last
 * producer counts. `never`: no value at this place is a link, in an answer or in a request.
 */
const end = z.string().min(1);
const linksFile = z.strictObject({
  links: z.array(z.union([z.strictObject({ from: end, to: end }), z.strictObject({ never: end })])),
});
/** For the nearest known key: a union tells none, and a key that is wrong comes before one that lacks. */
const looseLink = z.strictObject({ from: end.optional(), to: end.optional(), never: end.optional() });
const looseFile = z.strictObject({ links: z.array(looseLink).optional() });

interface End {
  route: string | undefined;
  place: string;
}
type LinkRule = { kind: "link"; from: End; to: End; text: string } | { kind: "never"; at: End; text: string };

/** The rules of a run, and which of them met something. */
export class LinkRules {
  readonly #met = new Set<LinkRule>();

  constructor(private readonly rules: readonly LinkRule[] = []) {}

  get isEmpty(): boolean {
    return this.rules.length === 0;
  }

  /** Whether no value here may be a link. */
  forbids(route: string, spot: Spot): boolean {
    return this.#rulesAt(route, spot, (rule) => (rule.kind === "never" ? rule.at : undefined)).length > 0;
  }

  /** Keys under which a value here is a link of a rule, whatever it is. */
  keysFrom(route: string, spot: Spot): string[] {
    return this.#keys(
      this.#rulesAt(route, spot, (rule) => (rule.kind === "link" ? rule.from : undefined)),
      spot,
    );
  }

  keysTo(route: string, spot: Spot): string[] {
    return this.#keys(
      this.#rulesAt(route, spot, (rule) => (rule.kind === "link" ? rule.to : undefined)),
      spot,
    );
  }

  /** One sentence for each rule that met no value. */
  warnings(): string[] {
    return this.rules
      .filter((rule) => !this.#met.has(rule))
      .map((rule) => `links: the rule "${rule.text}" met no value`);
  }

  #rulesAt(route: string, spot: Spot, endOf: (rule: LinkRule) => End | undefined): LinkRule[] {
    if (this.isEmpty) return [];
    const found = this.rules.filter((rule) => {
      const at = endOf(rule);
      if (at === undefined || (at.route !== undefined && at.route !== route)) return false;
      return at.place === spot.place || at.place === spot.groupedPlace;
    });
    for (const rule of found) this.#met.add(rule);
    return found;
  }

  #keys(rules: readonly LinkRule[], { value }: Spot): string[] {
    return rules.map((rule) => `\0${this.rules.indexOf(rule)}\0${value}`);
  }
}

/** Reads what a links file holds; throws an OperatorError that names the file and the entry. */
export function parseLinkRules(content: unknown, file: string): LinkRules {
  check(looseFile, content, file);
  const { links } = check(linksFile, content, file, () => "links: each is {from, to} or {never}");
  return new LinkRules(
    links.map((link, at) =>
      "never" in link
        ? { kind: "never", at: parseEnd(link.never, `${file}: links[${at}].never`), text: `never ${link.never}` }
        : {
            kind: "link",
            from: parseEnd(link.from, `${file}: links[${at}].from`),
            to: parseEnd(link.to, `${file}: links[${at}].to`),
            text: `${link.from} → ${link.to}`,
          },
    ),
  );
}

const placeForm = /^(?:path\/\d+|body(?:[:|].*)?|(?:query|header|cookie|set-cookie|form):.+)$/;

function parseEnd(text: string, where: string): End {
  const [, route, place = ""] = /^(?:([A-Z]+ \S+) )?(.+)$/.exec(text) ?? [];
  if (!placeForm.test(place)) {
    throw new OperatorError(
      `${where}: "${place}" is no place; write one as \`tapeloop tape links\` lists them, such as body:/id, path/2, query:cursor, header:location|path/2, or a route before it: "POST /orders body:/id"`,
    );
  }
  return { route, place };
}
