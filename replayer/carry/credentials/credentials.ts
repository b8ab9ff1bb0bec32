import { type Exchange, pseudonymOf, type RedactedPlace, type RedactionKey } from "../../../tape/index.js";
import { isKeyPlace } from "../../fresh-keys.js";
import type { Unproduced } from "../links/learn.js";
import { secretFromCommand } from "./command.js";
import { secretFromOAuth } from "./oauth.js";
import { openRefreshedSecret, type RefreshedSecret } from "./refreshed.js";
import type { CredentialRule } from "./rule.js";
import { standInFor } from "./stand-in.js";

/** What gives live values in place of pseudonyms that no answer gave. */
export interface Credentials {
  readonly isEmpty: boolean;
  /** Whether something gives a value here, or the operator set the header. */
  covers(exchange: Exchange, unproduced: Unproduced): boolean;
  /** Gets the first value of each provider that a call needs; rejects with an OperatorError when one has none. */
  start(): Promise<void>;
  /** What goes out in place of a redacted value; undefined where the call needs none of a provider. */
  forCall(exchange: Exchange): ((place: string, recorded: string) => string | undefined) | undefined;
  /** The recorded pseudonyms that were replaced for a call, with those of what replaced them. */
  standingFor(exchange: Exchange): readonly { recorded: string; redacted: string }[];
  close(): void;
}

/** What credentials stand on. */
export interface CredentialsEnv {
  rules: readonly CredentialRule[];
  /** Names of the headers that the operator set, in lower case. */
  headers: ReadonlySet<string>;
  routeOf: (method: string, path: string) => string;
  /** Keys of idempotency are drawn anew: a recorded one needs no provider. */
  drawsKeys?: boolean;
  /** What live answers are redacted with. */
  key: RedactionKey;
}

/** Nothing is fetched before `start`. */
export function openCredentials(env: CredentialsEnv): Credentials {
  return new Providers(env);
}

/** How many replaced values are remembered, so that answers which repeat them compare. */
const mostReplaced = 10_000;

class Providers implements Credentials {
  readonly isEmpty: boolean;
  readonly #needed = new Set<CredentialRule>();
  readonly #secrets = new Map<CredentialRule, RefreshedSecret>();
  readonly #replaced = new Map<number, { recorded: string; redacted: string }[]>();

  constructor(private readonly env: CredentialsEnv) {
    this.isEmpty = env.rules.length === 0;
  }

  covers(exchange: Exchange, { place, value }: Unproduced): boolean {
    if (this.#isGiven(place)) return true;
    const rule = this.#ruleFor(exchange, place, value);
    // A value at a place that no walk reaches cannot be replaced there.
    if (rule === undefined || value === undefined) return this.env.drawsKeys === true && isKeyPlace(place);
    this.#needed.add(rule);
    return true;
  }

  /** A header given by the operator stands in for every pseudonym inside the recorded one; `cookie` for each cookie. */
  #isGiven(place: RedactedPlace): boolean {
    if (place.startsWith("cookie:")) return this.env.headers.has("cookie");
    return place.startsWith("header:") && this.env.headers.has(place.slice("header:".length).toLowerCase());
  }

  async start(): Promise<void> {
    for (const rule of this.#needed) {
      const { source } = rule;
      const what = `the credential for ${rule.place}`;
      if (source.kind === "command") {
        const fetch = () => secretFromCommand(source.command, source.refreshMs);
        this.#secrets.set(rule, await openRefreshedSecret(what, fetch));
      } else if (source.kind === "oauth") {
        this.#secrets.set(rule, await openRefreshedSecret(what, () => secretFromOAuth(source.client)));
      }
    }
  }

  forCall(exchange: Exchange): ((place: string, recorded: string) => string | undefined) | undefined {
    const redacted = new Set(exchange.redacted.request.filter((place) => !this.#isGiven(place)));
    if (redacted.size === 0) return undefined;
    return (place, recorded) => {
      if (!redacted.has(place)) return undefined;
      const rule = this.#ruleFor(exchange, place, recorded);
      if (rule === undefined) return undefined;
      const live = this.#valueOf(rule, recorded);
      this.#remember(exchange.id, recorded, live);
      return live;
    };
  }

  standingFor(exchange: Exchange): readonly { recorded: string; redacted: string }[] {
    return this.#replaced.get(exchange.id) ?? [];
  }

  #valueOf(rule: CredentialRule, recorded: string): string {
    const { source } = rule;
    switch (source.kind) {
      case "value":
        return source.value;
      case "stand-in":
        return standInFor(recorded);
      case "command":
      case "oauth":
        return this.#secrets.get(rule)!.current();
    }
  }

  /** By pseudonym alone: the live value is not kept. */
  #remember(exchangeId: number, recorded: string, live: string): void {
    const redacted = pseudonymOf(live, this.env.key);
    this.#replaced.set(exchangeId, [...(this.#replaced.get(exchangeId) ?? []), { recorded, redacted }]);
    if (this.#replaced.size > mostReplaced) this.#replaced.delete(this.#replaced.keys().next().value!);
  }

  #ruleFor(exchange: Exchange, place: string, value: string | undefined): CredentialRule | undefined {
    return this.env.rules.find(
      (rule) =>
        matches(rule.place, place) &&
        (rule.callee === undefined || rule.callee === exchange.callee) &&
        (rule.route === undefined || matches(rule.route, this.#routeOf(exchange))) &&
        (rule.of === undefined || (value !== undefined && isOf(value, rule.of))),
    );
  }

  #routeOf({ request }: Exchange): string {
    return this.env.routeOf(request.method, request.path);
  }

  close(): void {
    for (const secret of this.#secrets.values()) secret.close();
  }
}

/** The whole pseudonym, or one claim inside it. */
function isOf(value: string, of: string): boolean {
  if (value === of) return true;
  const payload = /^eyJ[\w-]+\.([\w-]+)\.[\w-]*$/.exec(value)?.[1];
  return payload !== undefined && Buffer.from(payload, "base64url").toString("utf8").includes(JSON.stringify(of));
}

const patterns = new Map<string, RegExp>();

/** `*` stands for any characters. */
function matches(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  let form = patterns.get(pattern);
  if (form === undefined) {
    form = new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s");
    patterns.set(pattern, form);
  }
  return form.test(text);
}
