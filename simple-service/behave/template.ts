import { Refusal } from "../refusal.js";
import type { Json } from "./json.js";
import { compileText } from "./text.js";
import type { Compiling, Template } from "./value-kind.js";
import { allValueKinds } from "./values/index.js";

/** A template from the value written in a behave file. Throws a Refusal that names the place. */
export function compileTemplate(written: unknown, at: Compiling): Template {
  if (typeof written === "string") return compileText(written, at.where);
  if (Array.isArray(written)) return compileArray(written, at);
  if (typeof written !== "object" || written === null) return () => written as Json;
  const [name, ...others] = Object.keys(written);
  if (!name?.startsWith("$")) return compileObject(written as Record<string, unknown>, at);
  const kind = allValueKinds.find((known) => known.name === name);
  if (!kind)
    throw new Refusal(`${at.where}.${name} is not known; known: ${allValueKinds.map((k) => k.name).join(", ")}`);
  if (others.length > 0) throw new Refusal(`${at.where}: ${name} stands alone, "${others[0]}" cannot be beside it`);
  return kind.compile(
    (written as Record<string, unknown>)[name],
    { ...at, where: `${at.where}.${name}` },
    compileTemplate,
  );
}

function compileArray(written: readonly unknown[], at: Compiling): Template {
  const elements = written.map((value, n) =>
    compileTemplate(value, { where: `${at.where}[${n}]`, place: `${at.place}/${n}` }),
  );
  return (scope) => elements.map((element) => element(scope));
}

function compileObject(written: Record<string, unknown>, at: Compiling): Template {
  const members = Object.entries(written).map(
    ([key, value]) =>
      [key, compileTemplate(value, { where: `${at.where}.${key}`, place: `${at.place}/${key}` })] as const,
  );
  return (scope) => Object.fromEntries(members.map(([key, member]) => [key, member(scope)]));
}
