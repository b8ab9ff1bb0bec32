import { Refusal } from "../refusal.js";

/** Gives the parameters of a path that matches, decoded; undefined when it does not. */
export type PathMatcher = (path: string) => Record<string, string> | undefined;

/** From a route's path: `{name}` stands for one whole segment (`/reviews/{id}`). */
export function compileRoutePath(template: string, where: string): PathMatcher {
  if (!template.startsWith("/")) throw new Refusal(`${where}: must begin with /`);
  const segments = template.split("/").map((segment) => /^\{([a-z]\w*)\}$/i.exec(segment)?.[1] ?? { literal: segment });
  const misplaced = segments.find((segment) => typeof segment === "object" && /[{}]/.test(segment.literal));
  if (misplaced) throw new Refusal(`${where}: {name} must be a whole segment, a letter first`);
  return (path) => {
    const parts = path.split("/");
    if (parts.length !== segments.length) return undefined;
    const params: Record<string, string> = {};
    for (const [at, segment] of segments.entries()) {
      const part = parts[at]!;
      if (typeof segment === "string") params[segment] = decoded(part);
      else if (segment.literal !== part) return undefined;
    }
    return params;
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
