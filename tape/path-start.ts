const longestStart = 64;
const rememberedPaths = 4096;
const starts = new Map<string, string>();
/** Of the path before: one call is much like the one before. */
let lastPath = "";
let lastStart = "";

/**
 * The beginning of a path that is likely to be shared by many: without the query, up to the first segment that looks like
 * an id (it has a digit, unless it is a version such as `v2`, or it is long). Always the same for the same path.
 */
export function pathStartOf(path: string): string {
  if (path !== lastPath) {
    lastStart = rememberedStart(path);
    lastPath = path;
  }
  return lastStart;
}

function rememberedStart(path: string): string {
  const known = starts.get(path);
  if (known !== undefined) return known;
  const start = findStart(path);
  if (starts.size >= rememberedPaths) starts.clear();
  starts.set(path, start);
  return start;
}

function findStart(path: string): string {
  const queryAt = path.indexOf("?");
  const end = Math.min(queryAt === -1 ? path.length : queryAt, longestStart);
  for (let from = path.startsWith("/") ? 1 : 0; from < end; ) {
    const slashAt = path.indexOf("/", from);
    const to = slashAt === -1 || slashAt > end ? end : slashAt;
    if (looksLikeId(path.slice(from, to))) return path.slice(0, from);
    from = to + 1;
  }
  return path.slice(0, end);
}

function looksLikeId(segment: string): boolean {
  return segment.length > 24 || (/[0-9]/.test(segment) && !/^v[0-9]{1,3}$/.test(segment));
}
