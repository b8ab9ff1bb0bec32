import { z } from "zod";
import { checked } from "../checked.js";
import { compileSource } from "../sources.js";
import type { ValueKind } from "../value-kind.js";

export const from: ValueKind = {
  name: "$from",
  explain: "stable: a value of the request with its type: id, query:page, header:x-tenant, body:/name, method, path",
  compile: (argument, at) => compileSource(checked(z.string(), argument, at.where), at.where),
};
