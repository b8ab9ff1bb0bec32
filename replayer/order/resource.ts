import { isIdSegment } from "../../tape/index.js";

/** What is beyond these belongs to the resource itself: `/orders/7/items` is about order 7. */
const mostRemembered = 4096;
const known = new Map<string, string>();

/**
 * What a path is about: itself up to its last id, without query (`/orders/7` of `/orders/7/items?page=2`), or all of it where
 * no segment is an id. So a write to a part of something and a read of the whole are known to meet.
 */
export function resourceOf(path: string): string {
  const found = known.get(path);
  if (found !== undefined) return found;
  const resource = upToLastId(path);
  if (known.size >= mostRemembered) known.clear();
  known.set(path, resource);
  return resource;
}

function upToLastId(path: string): string {
  const plain = /[?#]/.test(path) ? path.replace(/[?#].*$/s, "") : path;
  for (let end = plain.length, slash = plain.lastIndexOf("/"); slash >= 0; slash = plain.lastIndexOf("/", end - 1)) {
    if (isIdSegment(plain.slice(slash + 1, end))) return plain.slice(0, end);
    if (slash === 0) break;
    end = slash;
  }
  return plain;
}
