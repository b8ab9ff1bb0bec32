import { parseForm } from "../../../message/index.js";
import { percentDecoded, percentEncodedLike } from "./percent.js";
import { Spot, type Visit } from "./spot.js";

/**
 * Visits the segments of a path and the fields of its query; a scheme and authority before them are passed over. Places
 * are `prefix` and `path/1` …, `query:name` (`query:name#2` for the second of that name). Gives the target with what was
 * replaced; undefined when nothing was.
 */
export function walkTarget(target: string, prefix: string, depth: number, visit: Visit): string | undefined {
  const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target)?.[0] ?? "";
  const [, path = "", query = "", fragment = ""] =
    /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(target.slice(origin.length)) ?? [];
  const newPath = walkPath(path, prefix, depth, visit);
  const newQuery = query.length < 2 ? undefined : walkForm(query.slice(1), `${prefix}query:`, depth, visit);
  if (newPath === undefined && newQuery === undefined) return undefined;
  return origin + (newPath ?? path) + (newQuery === undefined ? query : `?${newQuery}`) + fragment;
}

function walkPath(path: string, prefix: string, depth: number, visit: Visit): string | undefined {
  const segments = path.split("/");
  let changed = false;
  for (let at = 1; at < segments.length; at++) {
    const segment = segments[at]!;
    if (segment === "") continue;
    // What follows a semicolon are parameters of the segment (RFC 3986, section 3.3).
    const end = segment.includes(";") ? segment.indexOf(";") : segment.length;
    const raw = segment.slice(0, end);
    const spot = new Spot(`${prefix}path/${at}`, percentDecoded(segments[at - 1]!), depth);
    spot.value = percentDecoded(raw);
    const replaced = visit(spot);
    if (replaced === undefined) continue;
    segments[at] = percentEncodedLike(raw, replaced, "path") + segment.slice(end);
    changed = true;
  }
  return changed ? segments.join("/") : undefined;
}

/** Visits the fields of urlencoded text; places are `prefix` and the name. */
export function walkForm(text: string, prefix: string, depth: number, visit: Visit): string | undefined {
  let written = "";
  let copiedTo = 0;
  const met = new Map<string, number>();
  for (const { name, value, valueStart, valueEnd } of parseForm(text)) {
    const times = (met.get(name) ?? 0) + 1;
    met.set(name, times);
    if (value === "") continue;
    const spot = new Spot(prefix + name + (times === 1 ? "" : `#${times}`), name, depth);
    spot.value = value;
    const replaced = visit(spot);
    if (replaced === undefined) continue;
    written +=
      text.slice(copiedTo, valueStart) + percentEncodedLike(text.slice(valueStart, valueEnd), replaced, "query");
    copiedTo = valueEnd;
  }
  return copiedTo === 0 ? undefined : written + text.slice(copiedTo);
}
