import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { checked } from "../checked.js";
import type { ValueKind } from "../value-kind.js";

export const uuid: ValueKind = {
  name: "$uuid",
  explain: "a UUID, fresh or stable",
  compile(argument, at) {
    const which = checked(z.enum(["fresh", "stable"]), argument, at.where);
    return which === "fresh" ? () => randomUUID() : (scope) => uuidFrom(scope.subject, at.place);
  },
};

// Version 8 (RFC 9562, section 5.8): bits of our own choosing.
function uuidFrom(...names: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(names)).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
