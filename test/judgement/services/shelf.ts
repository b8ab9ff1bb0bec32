import type { HopVersion } from "../case.js";
import { idOf, json } from "./programs.js";

/** Keeps what is posted to it, and gives it back. */
export function shelf(name: string): HopVersion {
  const kept = new Map<string, unknown>();
  return {
    program: (request) => {
      if (!request.path.startsWith(`/${name}/`)) return undefined;
      const id = idOf(request);
      if (request.method === "POST") {
        kept.set(id, JSON.parse(request.body.toString() || "null"));
        return Promise.resolve(json({ kept: id }, {}, 201));
      }
      const found = kept.get(id);
      return Promise.resolve(found === undefined ? json({ error: "not kept" }, {}, 404) : json({ id, order: found }));
    },
  };
}
