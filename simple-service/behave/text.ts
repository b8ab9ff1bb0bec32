import { plainText } from "./json.js";
import { compileSource } from "./sources.js";
import type { Scope } from "./value-kind.js";

/** Text in which `{id}`, `{query:page}`, `{header:x-tenant}`, `{body:/name}` are replaced; `{{` is a brace. */
export function compileText(written: string, where: string): (scope: Scope) => string {
  const pieces = written.split(/(\{\{|\{[^{}]*\})/).map((piece) => {
    if (piece === "{{") return () => "{";
    if (!piece.startsWith("{") || !piece.endsWith("}")) return () => piece;
    const source = compileSource(piece.slice(1, -1), where);
    return (scope: Scope) => plainText(source(scope) ?? "");
  });
  return (scope) => pieces.map((piece) => piece(scope)).join("");
}
