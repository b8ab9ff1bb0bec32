/** Where a provider's value comes from. Secrets in it are never stored or logged. */
export type Source =
  | { kind: "value"; value: string }
  /** Printed by a command: alone, or as JSON with `value` and `expiresInSeconds`. Run again before that, or `refreshMs`, is over. */
  | { kind: "command"; command: string; refreshMs?: number }
  | { kind: "oauth"; client: OAuthClient }
  /** A made-up value of the class of the one recorded; equal ones where equal ones were recorded. */
  | { kind: "stand-in" };

/** A client that gets tokens for itself (RFC 6749, section 4.4). */
export interface OAuthClient {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope?: string;
  audience?: string;
  /** Where the client's credentials stand: in `authorization` (the default) or in the form. */
  auth: "basic" | "form";
}

/** What a provider is asked for: every condition that is there has to hold. */
export interface CredentialRule {
  /** As redaction names it: `header:authorization`, `body:/password`; `*` stands for any characters. */
  place: string;
  callee?: string;
  /** `POST /login`; `*` stands for any characters. */
  route?: string;
  /** The recorded pseudonym, or that of a claim inside a recorded token: whose credential it is. */
  of?: string;
  source: Source;
}
