import { JsonScanner } from "../../message/index.js";
import { isSecretBeside, isSecretInCompany, mayHaveCompany, Neighbours } from "./company.js";

/** A member whose name is secret in company: where its key begins, and its text. */
interface Member {
  name: string;
  keyStart: number;
  value: string;
}

/** An open object: what its members are called, and those that are to be judged at its end. */
interface OpenObject {
  names: { name: string }[];
  members: Member[];
}

/**
 * Where in JSON text (as latin1) the keys of strings begin that are secret by the other names in their object, such as
 * the authorization `code` beside a `grant_type`. Of a text that is damaged or was cut what stands before that.
 */
export function keysInCompany(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  // An escape may stand for a letter of a name.
  if (!text.includes("\\u") && !mayHaveCompany(text)) return found;
  const scanner = new JsonScanner(Buffer.from(text, "latin1"), text.startsWith("\xef\xbb\xbf") ? 3 : 0);
  const open: (OpenObject | undefined)[] = [];
  let key: Member | undefined;
  for (;;) {
    const token = scanner.next();
    const object = open.at(-1);
    if (token === "key") key = keyAt(text, scanner);
    if (token === "key") object?.names.push(key!);
    else if (token === "string" && object !== undefined && key !== undefined && isSecretInCompany(key.name)) {
      object.members.push({ ...key, value: text.slice(scanner.start + 1, scanner.end - 1) });
    } else if (token === "object-start") open.push({ names: [], members: [] });
    else if (token === "array-start") open.push(undefined);
    else if (token === "object-end" || token === "array-end") judge(open.pop(), found);
    else if (token === "end" || token === "invalid") break;
  }
  for (const object of open) judge(object, found);
  return found;
}

function keyAt(text: string, { start, end, escaped }: JsonScanner): Member {
  const raw = text.slice(start, end);
  return { name: escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1), keyStart: start, value: "" };
}

function judge(object: OpenObject | undefined, found: Set<number>): void {
  if (object === undefined || object.members.length === 0) return;
  const beside = new Neighbours(object.names);
  for (const { name, keyStart, value } of object.members) {
    if (isSecretBeside(name, value, beside, true)) found.add(keyStart);
  }
}
