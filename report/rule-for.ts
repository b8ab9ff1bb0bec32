import type { Divergence } from "../tape/index.js";

/**
 * The entry of a rules file that would hide this divergence (docs/comparing.md), as YAML for its list `rules`; undefined
 * for what no rule can hide: a call that was made or not, an answer that failed or broke off, a place that is none of its
 * own.
 */
export function ruleFor(divergence: Pick<Divergence, "hop" | "route" | "place" | "kind">): string | undefined {
  const { hop, route, kind } = divergence;
  const address = addressOf(divergence);
  if (address === undefined || kind === "failure" || kind === "answer-end") return undefined;
  const verb = kind === "changed-order" ? "unordered" : "ignore";
  return [`- ${verb}: ${quoted(address)}`, `  route: ${quoted(route)}`, `  hop: ${quoted(hop)}`].join("\n");
}

/** A place as rules write it: those for a body are for the request's too. In a pointer `*` is one array index, never part of a name. */
function addressOf({ place: found }: Pick<Divergence, "place">): string | undefined {
  const place = found.replace(/^request:(?=body)/, "");
  if (place === "status" || place === "body") return place;
  if (place === "body:") return "body";
  if (/^(header|trailer):./s.test(place)) return place;
  const isPointer =
    place.startsWith("body:/") && !place.split("/").some((token) => token.length > 1 && token.includes("*"));
  return isPointer ? place : undefined;
}

/** YAML 1.2 reads every JSON string as it is. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
