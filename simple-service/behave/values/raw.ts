import { z } from "zod";
import { Refusal } from "../../refusal.js";
import { checked } from "../checked.js";
import { RawJson } from "../json.js";
import type { ValueKind } from "../value-kind.js";

export const raw: ValueKind = {
  name: "$raw",
  explain: 'stable: JSON text written as it is, for what a number cannot hold: "9007199254740993"',
  compile(argument, at) {
    const text = checked(z.string(), argument, at.where);
    try {
      JSON.parse(text);
    } catch {
      throw new Refusal(`${at.where}: "${text}" is no JSON`);
    }
    return () => new RawJson(text);
  },
};
