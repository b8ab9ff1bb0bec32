import { z } from "zod";
import { countUp } from "../../service.js";
import { checked } from "../checked.js";
import type { ValueKind } from "../value-kind.js";

export const count: ValueKind = {
  name: "$count",
  explain: "state: 1, 2, 3 … over the life of the process, one sequence a name",
  compile(argument, at) {
    const name = checked(z.string(), argument, at.where);
    return (scope) => countUp(scope.service, name);
  },
};
