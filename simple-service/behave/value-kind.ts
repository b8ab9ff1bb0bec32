import type { PeerAnswer } from "../peers.js";
import type { ServiceRequest } from "../request.js";
import type { Service } from "../service.js";
import type { Json } from "./json.js";

/** What a template may use when it is rendered for one request. */
export interface Scope {
  request: ServiceRequest;
  /** The route's path parameters, and `n` inside a list. */
  params: Readonly<Record<string, string>>;
  /** Answers of the route's calls, by the call's name. */
  answers: ReadonlyMap<string, PeerAnswer>;
  service: Pick<Service, "counts">;
  /** What stable values are drawn from: path and query, and the element inside a list. */
  subject: string;
}

/** A value of the answer, made anew for each request. */
export type Template = (scope: Scope) => Json;

/** Where a template stands while it is compiled. */
export interface Compiling {
  /** In the file, for refusals: `routes[0].body.stars`. */
  where: string;
  /** In the answer, for drawing: the same in every version of the file that keeps the field. */
  place: string;
}

/** Compiles a template inside another one. */
export type CompileTemplate = (written: unknown, at: Compiling) => Template;

/** One `{$name: argument}` of a template. Adding one is a file in `values/` and a line in its list. */
export interface ValueKind {
  name: `$${string}`;
  /** One line; says whether the value is stable (the same for the same path and query) or fresh at each answer. */
  explain: string;
  /** Throws a Refusal when the argument is not what it takes. */
  compile(argument: unknown, at: Compiling, inner: CompileTemplate): Template;
}
