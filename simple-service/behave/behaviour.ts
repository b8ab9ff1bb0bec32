import { z } from "zod";
import { Refusal } from "../refusal.js";
import type { Reply } from "../reply.js";
import type { ServiceRequest } from "../request.js";
import type { Service } from "../service.js";
import { type Change, compileChanges } from "./change.js";
import { checked } from "./checked.js";
import { renderAnswer } from "./render.js";
import { type AnswerPlan, answerShape, compileAnswer, emptyPlan, overlaid } from "./route.js";
import { compileRoutePath, type PathMatcher } from "./route-path.js";

/** One version of a service, as its behave file says it. */
export interface Behaviour {
  version: string;
  /** Undefined when no route of the file matches. */
  answer(request: ServiceRequest, service: Service): Promise<Reply> | undefined;
}

/** A route with the changes that may apply to it, in the file's order. */
export interface Route {
  /** `GET /reviews/{id}`: what a change names it by. */
  name: string;
  method: string;
  matches: PathMatcher;
  plan: AnswerPlan;
  changes: readonly Change[];
}

const fileSchema = z.strictObject({
  version: z.string().default("v1"),
  /** Another behave file, relative to this one, whose routes and changes come before these. */
  from: z.string().optional(),
  routes: z.array(z.unknown()).default([]),
  changes: z.array(z.unknown()).default([]),
});
const routeSchema = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
  path: z.string(),
  ...answerShape,
});

/** What a behave file says, its parts still to be compiled. */
export type WrittenBehaviour = Omit<z.infer<typeof fileSchema>, "from">;

/** The values of a behave file with its defaults. Throws a Refusal for a key that it may not have. */
export function checkedFile(written: unknown): z.infer<typeof fileSchema> {
  return checked(fileSchema, written ?? {}, "");
}

/** A version from what its file says. Throws a Refusal that names the place. */
export function compileBehaviour({ version, routes, changes }: WrittenBehaviour): Behaviour {
  const compiled = compileRoutes(routes, compileChanges(changes));
  return {
    version,
    answer(request, service) {
      for (const route of compiled) {
        const params = matches(route, request);
        if (params) return renderAnswer(route, params, request, service);
      }
      return undefined;
    },
  };
}

function compileRoutes(written: readonly unknown[], changes: readonly Change[]): Route[] {
  const routes = written.map((value, at) => compileRoute(value, `routes[${at}]`, changes));
  const names = new Set(routes.map((route) => route.name));
  if (names.size < routes.length) throw new Refusal("routes: two have the same method and path");
  const stray = changes.find((change) => change.route !== "*" && !names.has(change.route));
  if (stray)
    throw new Refusal(`${stray.where}.route: "${stray.route}" is none of the routes: ${[...names].join(", ")}`);
  return routes;
}

function compileRoute(value: unknown, where: string, changes: readonly Change[]): Route {
  const written = checked(routeSchema, value, where);
  const name = `${written.method} ${written.path}`;
  return {
    name,
    method: written.method,
    matches: compileRoutePath(written.path, `${where}.path`),
    plan: overlaid(emptyPlan, compileAnswer(written, where)),
    changes: changes.filter((change) => change.route === "*" || change.route === name),
  };
}

function matches(route: Route, request: ServiceRequest): Record<string, string> | undefined {
  const method = request.method === "HEAD" ? "GET" : request.method;
  return method === route.method ? route.matches(request.path) : undefined;
}
