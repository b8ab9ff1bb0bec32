import { z } from "zod";
import { OperatorError } from "../../../base/index.js";
import { classOf } from "../../noise/classes.js";
import { changedSides, plainValue, type RuleKind } from "./rule.js";

/** Classes by the name that a rule gives them. */
const classes = {
  uuid: (value: string) => classOf(value).name === "uuid",
  time: (value: string) => /^time |^HTTP date$|^epoch /.test(classOf(value).name),
  jwt: (value: string) => classOf(value).name === "JWT",
  hex: (value: string) => /^[0-9a-fA-F]+$/.test(value),
  token: (value: string) => /^[\w+/=.~-]{8,}$/.test(value),
  digits: (value: string) => /^\d+$/.test(value),
  number: (value: string) => /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value),
} satisfies Record<string, (value: string) => boolean>;
type ClassName = keyof typeof classes;
export const classNames = Object.keys(classes) as readonly ClassName[];

const shape = { class: z.enum(classNames as [ClassName, ...ClassName[]]).optional(), regex: z.string().optional() };

/** A regular expression looks at so many characters: what one takes can grow with the square of that, or worse. */
const mostCharacters = 4096;

/**
 * Hides that a value is another one while both sides keep a form: a class, or a regular expression (found anywhere; `^` and
 * `$` bind it). That it is gone, or of another form, is not hidden. Quotes of a JSON string are no part of its value.
 */
export const match: RuleKind<typeof shape> = {
  name: "match",
  shape,
  make({ class: name, regex }, { text }) {
    if ((name === undefined) === (regex === undefined))
      throw new OperatorError(`match ${text}: give either class (${classNames.join(", ")}) or regex`);
    const fits = name === undefined ? patternOf(regex!, text) : classes[name];
    return {
      text: name === undefined ? `may be any value like /${regex}/` : `may be any ${name}`,
      hides(difference, whole) {
        const sides = changedSides(difference, whole);
        return sides?.every((side) => fits(plainValue(side))) === true;
      },
    };
  },
};

function patternOf(source: string, address: string): (value: string) => boolean {
  try {
    const pattern = new RegExp(source, "u");
    return (value) => value.length <= mostCharacters && pattern.test(value);
  } catch (cause) {
    throw new OperatorError(`match ${address}: "${source}" is no regular expression: ${(cause as Error).message}`, {
      cause,
    });
  }
}
