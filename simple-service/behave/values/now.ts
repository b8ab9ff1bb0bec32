import { z } from "zod";
import { checked } from "../checked.js";
import type { ValueKind } from "../value-kind.js";

const forms = {
  iso: () => new Date().toISOString(),
  "epoch-ms": () => Date.now(),
  "epoch-s": () => Math.floor(Date.now() / 1000),
};

export const now: ValueKind = {
  name: "$now",
  explain: "fresh: the time, as iso, epoch-ms or epoch-s",
  compile(argument, at) {
    return forms[checked(z.enum(["iso", "epoch-ms", "epoch-s"]), argument, at.where)];
  },
};
