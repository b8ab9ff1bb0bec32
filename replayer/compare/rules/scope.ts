import { z } from "zod";
import { type Exchange, headOf, parseWhere } from "../../../tape/index.js";

/** Which calls a rule is for; every condition has to hold. */
export const scopeShape = {
  /** The template of the route, exactly: `GET /reviews/{id}`. */
  route: z.string().min(1).optional(),
  /** The service that answers. */
  hop: z.string().min(1).optional(),
  method: z.string().min(1).optional(),
  /** Of the expected answer. */
  status: z.union([z.number().int(), z.string().regex(/^[1-5]xx$/i, "must be a status such as 404 or 4xx")]).optional(),
  /** In the selection language, of the recorded call. */
  where: z.string().min(1).optional(),
};
const scopeSchema = z.object(scopeShape);
type ScopeSettings = z.output<typeof scopeSchema>;

/** The call whose answers are compared. */
export interface ScopedCall {
  hop: string;
  route: string;
  method: string;
  /** Of the expected answer, where there is one. */
  status?: number;
  /** The recorded call, for the selection language. */
  exchange: Exchange;
}

export interface Scope {
  /** Holds as far as route, hop, method and status tell. */
  fits(call: Omit<ScopedCall, "exchange">): boolean;
  /** Asks the selection language, where there is a condition in it. */
  where?(exchange: Exchange): boolean;
  /** In words; empty for every call. */
  text: string;
}

/** Throws an OperatorError when `where` cannot be read. */
export function scopeOf({ route, hop, method, status, where }: ScopeSettings): Scope {
  const said = [
    route,
    hop && `of ${hop}`,
    method && `method ${method.toUpperCase()}`,
    status && `status ${status}`,
    where && `where ${where}`,
  ];
  const scope: Scope = {
    text: said.filter(Boolean).join(", "),
    fits: (call) =>
      (route === undefined || route === call.route) &&
      (hop === undefined || hop === call.hop) &&
      (method === undefined || method.toUpperCase() === call.method.toUpperCase()) &&
      (status === undefined || isStatus(status, call.status)),
  };
  if (where !== undefined) {
    const { where: ofHead, whereWhole } = parseWhere(where);
    scope.where = (exchange) => (ofHead?.(headOf(exchange)) ?? true) && (whereWhole?.(exchange) ?? true);
  }
  return scope;
}

function isStatus(wanted: number | string, status: number | undefined): boolean {
  if (status === undefined) return false;
  return typeof wanted === "number" ? wanted === status : Number(wanted[0]) === Math.floor(status / 100);
}
