import { z } from "zod";
import { check, defined, OperatorError, parseDuration, reasonOf } from "../../../base/index.js";
import type { CredentialRule, Source } from "./rule.js";

const text = z.string().min(1);
const secret = z.union([z.strictObject({ env: text }), z.strictObject({ value: text })]);
const duration = z.string().transform((written, context) => {
  try {
    return parseDuration(written);
  } catch (thrown) {
    context.addIssue({ code: "custom", message: reasonOf(thrown) });
    return z.NEVER;
  }
});
const oauth = z.strictObject({
  tokenUrl: z.url({ protocol: /^https?$/ }),
  clientId: text,
  clientSecret: secret,
  scope: text.optional(),
  audience: text.optional(),
  auth: z.enum(["basic", "form"]).default("basic"),
});
const source = z
  .strictObject({
    env: text.optional(),
    value: text.optional(),
    command: text.optional(),
    refresh: duration.optional(),
    oauth: oauth.optional(),
    standIn: z.literal(true).optional(),
  })
  .refine(
    ({ env, value, command, oauth, standIn }) =>
      [env, value, command, oauth, standIn].filter((one) => one !== undefined).length === 1,
    {
      message: "give one of env, value, command, oauth, standIn",
    },
  )
  .refine(({ command, refresh }) => refresh === undefined || command !== undefined, {
    message: "refresh goes with command",
  });
const credentialsFile = z.strictObject({
  credentials: z.array(
    z.strictObject({ place: text, callee: text.optional(), route: text.optional(), of: text.optional(), from: source }),
  ),
});

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads what a credentials file holds. Throws an OperatorError that names the file and the entry; a variable that is not set
 * is named, its value never.
 */
export function parseCredentials(content: unknown, file: string, env: Environment): CredentialRule[] {
  const { credentials } = checkWithoutValues(content, file);
  return credentials.map(({ from, ...rule }, at) =>
    defined({ ...rule, source: sourceOf(from, `${file}: credentials[${at}].from`, env) }),
  );
}

const anything = z.unknown().optional();
const knownNames = z.strictObject(
  Object.fromEntries(["env", "value", "command", "refresh", "oauth", "standIn"].map((name) => [name, anything])),
);
/** A name that is wrong is told before what is missing for it. */
const named = z.strictObject({
  place: anything,
  callee: anything,
  route: anything,
  of: anything,
  from: knownNames.optional(),
});
const namesAlone = z.strictObject({ credentials: z.array(named).optional() });

/** What was seen is not told: it may be a secret in the wrong place. */
function checkWithoutValues(content: unknown, file: string): z.output<typeof credentialsFile> {
  try {
    check(namesAlone, content, file);
    return check(credentialsFile, content, file);
  } catch (thrown) {
    if (!(thrown instanceof OperatorError)) throw thrown;
    throw new OperatorError(thrown.message.replace(/ \(got .*\)$/s, ""));
  }
}

function sourceOf(from: z.output<typeof source>, where: string, env: Environment): Source {
  if (from.env !== undefined) return { kind: "value", value: fromEnvironment(from.env, where, env) };
  if (from.value !== undefined) return { kind: "value", value: from.value };
  if (from.command !== undefined) {
    const { command, refresh: refreshMs } = from;
    return refreshMs === undefined ? { kind: "command", command } : { kind: "command", command, refreshMs };
  }
  if (from.oauth !== undefined) {
    const { clientSecret, ...client } = from.oauth;
    const given = "env" in clientSecret ? fromEnvironment(clientSecret.env, `${where}.oauth`, env) : clientSecret.value;
    return { kind: "oauth", client: defined({ ...client, clientSecret: given }) };
  }
  return { kind: "stand-in" };
}

function fromEnvironment(name: string, where: string, env: Environment): string {
  const value = env[name];
  if (value === undefined || value === "") {
    throw new OperatorError(`${where}: the environment variable ${name} is not set: set it to the live value`);
  }
  return value;
}

/**
 * `PLACE=env:NAME`, `PLACE=command:WORDS`, `PLACE=stand-in`, as `--credential` takes it. Throws an OperatorError for anything
 * else; what stands after the equals sign is not repeated, for it may be a secret.
 */
export function parseCredentialOption(given: string, env: Environment): CredentialRule {
  const [, place, source] = /^([^=]+)=(.+)$/s.exec(given) ?? [];
  if (place === undefined || source === undefined) throw wrongOption(place ?? given.slice(0, 40));
  const [, kind, rest = ""] = /^(env|command|stand-in)(?::(.+))?$/s.exec(source) ?? [];
  if (kind === "stand-in" && rest === "") return { place, source: { kind: "stand-in" } };
  if (kind === "env" && rest !== "") {
    return { place, source: { kind: "value", value: fromEnvironment(rest, `--credential ${place}`, env) } };
  }
  if (kind === "command" && rest !== "") return { place, source: { kind: "command", command: rest } };
  throw wrongOption(place);
}

function wrongOption(place: string): OperatorError {
  return new OperatorError(
    `--credential ${place}: write PLACE=env:NAME, PLACE=command:WORDS or PLACE=stand-in, such as 'header:authorization=env:TOKEN'; more is said in a --credentials file`,
  );
}
