import { z } from "zod";
import { Refusal } from "../../refusal.js";
import { checked } from "../checked.js";
import { type Json, jsonValue } from "../json.js";
import type { ValueKind } from "../value-kind.js";

export const call: ValueKind = {
  name: "$call",
  explain:
    "as stable as it is: the answer of the route's call of that name; {failed: STATUS or reason} unless it is a 2xx",
  compile(argument, at) {
    const name = checked(z.string(), argument, at.where);
    return (scope) => {
      const answer = scope.answers.get(name);
      if (!answer) throw new Refusal(`${at.where}: the route has no call "${name}"`);
      if (answer.kind === "failure") return { failed: answer.reason };
      return answer.status >= 200 && answer.status < 300 ? parsed(answer.body) : { failed: answer.status };
    };
  },
};

function parsed(body: Buffer): Json {
  const text = body.toString();
  try {
    return jsonValue(text);
  } catch {
    return text;
  }
}
