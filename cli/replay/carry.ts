import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { defined, OperatorError, reasonOf } from "../../base/index.js";
import {
  type CarryOptions,
  type CredentialRule,
  type LinkRules,
  parseCredentialOption,
  parseCredentials,
  parseLinkRules,
  type ReplayOptions,
} from "../../replayer/index.js";
import type { Io } from "../io.js";
import { flagSetting, shareSetting } from "../settings.js";

const many = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

/** Settings of `replay` about state that follows the live session. */
export const carrySettings = {
  /** `--no-carry` makes it false. */
  carry: flagSetting.prefault(true),
  links: z.string().min(1).optional(),
  credential: many.prefault([]),
  credentials: z.string().min(1).optional(),
  maxBlocked: shareSetting.prefault("0%"),
};

export interface CarrySettings {
  carry: boolean;
  links?: string | undefined;
  credential: readonly string[];
  credentials?: string | undefined;
  maxBlocked: number;
}

export function addCarryOptions(command: Command): Command {
  return command
    .option("--no-carry", "send every value as it was recorded, instead of what live answers give")
    .option("--links <file>", "YAML that adds to or takes from the links learnt, as `tape links` lists them")
    .option(
      "--credential <place=source...>",
      "what no recorded answer gave, such as 'header:authorization=env:TOKEN', 'body:/password=command:pass shop' or 'body:/email=stand-in'",
    )
    .option("--credentials <file>", "the same from a YAML file, by callee, route and user, and OAuth 2 clients")
    .option(
      "--max-blocked <share>",
      "inconclusive when more Steps than this lack a value that a live answer should have given (default: 0%)",
    );
}

/** Throws an OperatorError that names the flag or file and the entry; never with a secret. */
export function carryOptionsOf(settings: CarrySettings, io: Io): Pick<ReplayOptions, "carry" | "maxBlocked"> {
  const rules = settings.links === undefined ? undefined : readLinkRules(settings.links);
  const carry: CarryOptions = defined({ links: settings.carry, rules, credentials: credentialsOf(settings, io) });
  return { carry, maxBlocked: settings.maxBlocked };
}

/** Flags go before the file: the first that fits gives the value. */
function credentialsOf({ credential, credentials }: CarrySettings, { env }: Io): CredentialRule[] {
  const given = credential.map((text) => parseCredentialOption(text, env));
  if (credentials === undefined) return given;
  return [...given, ...parseCredentials(readYaml("--credentials", credentials), credentials, env)];
}

/** What a `--links` file says. Throws an OperatorError that names the file and the entry. */
export function readLinkRules(file: string): LinkRules {
  return parseLinkRules(readYaml("--links", file), file);
}

function readYaml(flag: string, file: string): unknown {
  try {
    return parseYaml(readFileSync(file, "utf8"), { logLevel: "error" }) ?? {};
  } catch (cause) {
    // What a parser quotes of a credentials file may be a secret.
    const reason = cause instanceof Error && "linePos" in cause ? "it is no YAML" : reasonOf(cause);
    throw new OperatorError(`${flag} ${file}: cannot be read: ${reason}`);
  }
}
