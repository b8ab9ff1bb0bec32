import { Refusal } from "../refusal.js";
import { headerOf } from "../request.js";
import { isJsonObject, type Json } from "./json.js";
import { parsePointer, spotsAt } from "./pointer.js";
import type { Scope } from "./value-kind.js";

/** Reads one value of the request; null when it is not there. */
export type Source = (scope: Scope) => Json;

/**
 * A place in the request: `id` (path parameter), `query:page`, `header:x-tenant`, `body:/name` (JSON Pointer into a JSON
 * body), `method`, `path`.
 */
export function compileSource(text: string, where: string): Source {
  const colonAt = text.indexOf(":");
  const kind = colonAt < 0 ? text : text.slice(0, colonAt);
  const name = text.slice(colonAt + 1);
  if (colonAt >= 0 && name === "") throw new Refusal(`${where}: "${text}" names nothing after the colon`);
  if (colonAt < 0) return named(text, where);
  if (kind === "query") return (scope) => scope.request.query.get(name);
  if (kind === "header") return (scope) => headerOf(scope.request, name.toLowerCase()) ?? null;
  if (kind !== "body") throw new Refusal(`${where}: "${text}": known are query:, header: and body:`);
  const pointer = parsePointer(name, where);
  return (scope) => spotsAt(bodyOf(scope), pointer)[0]?.value ?? null;
}

function named(name: string, where: string): Source {
  if (!/^[a-z]\w*$/i.test(name)) throw new Refusal(`${where}: "${name}" is not a parameter's name`);
  if (name === "method") return (scope) => scope.request.method;
  if (name === "path") return (scope) => scope.request.path;
  return (scope) => scope.params[name] ?? null;
}

function bodyOf(scope: Scope): Json {
  try {
    const body = JSON.parse(scope.request.body.toString()) as Json;
    return isJsonObject(body) || Array.isArray(body) ? body : null;
  } catch {
    return null;
  }
}
