import type { Reply } from "./reply.js";
import type { ServiceRequest } from "./request.js";
import type { Service } from "./service.js";

/** One built-in path. Adding one is a file in `endpoints/` and a line in its list. */
export interface Endpoint {
  path: string;
  /** One line for `--help`. */
  explain: string;
  answer(request: ServiceRequest, service: Service): Reply | Promise<Reply>;
}

/** A number in the query, or what it is without one. Undefined when it is no number within the bounds. */
export function numberFrom(request: ServiceRequest, name: string, bounds: { otherwise: number; most: number }) {
  const text = request.query.get(name);
  if (text === null || text === "") return bounds.otherwise;
  const value = Number(text.replace(/%$/, ""));
  return Number.isFinite(value) && value >= 0 && value <= bounds.most ? value : undefined;
}
