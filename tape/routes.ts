/** What stands in a route for a segment that differs from call to call. */
const idSegment = "{id}";

/** From how many distinct segments at one position, under one prefix, they are taken for ids … */
const manySegments = 20;
/** … if at least this share of the calls there brought a new one; a handful of endpoints called often stays. */
const newShare = 0.1;
/** From here on they are ids however often each is called, and at the first position too. */
const tooManySegments = 100;

/** How many gRPC methods, and paths that are routes as they are, are remembered. */
const rememberedPaths = 20_000;

/**
 * Learns the routes of a tape, and gives a function that names the route of a call: `GET /reviews/{id}`, without query.
 *
 * - A gRPC call's route is its path as it is (`POST /shop.Reviews/List`).
 * - Else by segment: numbers, UUIDs, hashes, dates, e-mail addresses and other made-up ids become `{id}` by their shape.
 * - Segments without such a shape become `{id}` where too many different ones were met at one position under one
 *   prefix: 20 different ones that make up a tenth of the calls there, or 100. At the first position only 100 count, for
 *   that is where services keep their endpoints.
 *
 * The function knows the paths it has learnt from; of others it judges by shape, and by prefixes it knows.
 */
export function learnRoutes(
  calls: Iterable<{ method: string; path: string; grpc?: boolean }>,
): (method: string, path: string) => string {
  const learner = new RouteLearner();
  for (const { path, grpc } of calls) learner.add(path, grpc);
  return learner.routeOf();
}

/** Learns routes call by call, as {@link learnRoutes} does. Memory grows with the endpoints, not with the calls. */
export class RouteLearner {
  readonly #root = new Segment();
  readonly #grpcPaths = new Set<string>();

  add(path: string, grpc = false): void {
    const plain = plainPath(path);
    if (grpc && this.#grpcPaths.size < rememberedPaths) this.#grpcPaths.add(plain);
    else if (plain.startsWith("/")) learn(this.#root, plain);
  }

  /** Once, when all was learnt. */
  routeOf(): (method: string, path: string) => string {
    const [root, grpcPaths] = [this.#root, this.#grpcPaths];
    generalise(root, true);
    const names = new Map<string, Map<string, string>>();
    const isRoute = (plain: string) => !plain.startsWith("/") || (grpcPaths.size > 0 && grpcPaths.has(plain));
    // Each path is asked about a few times in a row.
    let last: { path: string; route: string } | undefined;
    return (method, path) => {
      if (path !== last?.path) {
        const plain = plainPath(path);
        last = { path, route: isRoute(plain) ? plain : routeOf(root, plain) };
      }
      return nameOf(names, method, last.route);
    };
  }
}

/** The name as one string for all calls of a route: it is a key in many maps, and to hash it anew would cost each of them. */
function nameOf(names: Map<string, Map<string, string>>, method: string, route: string): string {
  const ofMethod = names.get(method) ?? remember(names, method, new Map<string, string>());
  return ofMethod.get(route) ?? remember(ofMethod, route, `${method} ${route}`);
}

/** What comes from the traffic is remembered within bounds. */
function remember<V>(known: Map<string, V>, key: string, value: V): V {
  if (known.size >= rememberedPaths) known.clear();
  known.set(key, value);
  return value;
}

/** One position under one prefix. */
class Segment {
  calls = 0;
  readonly named = new Map<string, Segment>();
  /** Where ids are; once `anyIsId`, every segment is one. */
  id: Segment | undefined;
  anyIsId = false;
  /** Of the paths that end here; known once it was asked for. */
  route: string | undefined;

  child(segment: string): Segment {
    if (segment === idSegment || this.anyIsId) {
      this.id ??= new Segment();
      return this.id;
    }
    let child = this.named.get(segment);
    if (child === undefined) {
      child = new Segment();
      this.named.set(segment, child);
    }
    return child;
  }

  /** Makes one of all: what was learnt below the named ones is put together. */
  join(): void {
    this.anyIsId = true;
    this.id ??= new Segment();
    for (const child of this.named.values()) absorb(this.id, child);
    this.named.clear();
  }
}

function learn(root: Segment, path: string): void {
  walkSegments(path, root, (at, segment) => {
    at.calls++;
    const child = at.child(shapeOf(segment));
    if (child.named.size > tooManySegments) child.join();
    return child;
  });
  if (root.named.size > tooManySegments) root.join();
}

/** Depth is that of paths, whose length HTTP servers bound; still without recursion. */
function absorb(into: Segment, from: Segment): void {
  const pairs: [Segment, Segment][] = [[into, from]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [target, source] = pair;
    target.calls += source.calls;
    if (source.anyIsId && !target.anyIsId) target.join();
    if (source.id !== undefined) pairs.push([target.child(idSegment), source.id]);
    for (const [name, child] of source.named) pairs.push([target.child(name), child]);
  }
}

/** From the top down, for what is put together may be many only then. */
function generalise(root: Segment, isRoot: boolean): void {
  const open: { segment: Segment; isRoot: boolean }[] = [{ segment: root, isRoot }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { segment } = next;
    const distinct = segment.named.size;
    const isMany = !next.isRoot && distinct >= manySegments && distinct >= segment.calls * newShare;
    if (isMany || distinct >= tooManySegments) segment.join();
    for (const child of segment.named.values()) open.push({ segment: child, isRoot: false });
    if (segment.id !== undefined) open.push({ segment: segment.id, isRoot: false });
  }
}

function routeOf(root: Segment, path: string): string {
  const end = walkSegments<Segment | undefined>(path, root, (at, segment) => {
    const shape = shapeOf(segment);
    return isIdAt(at, segment, shape) ? at?.id : at?.named.get(shape);
  });
  if (end === undefined) return writtenRoute(root, path);
  end.route ??= writtenRoute(root, path);
  return end.route;
}

function writtenRoute(root: Segment, path: string): string {
  let route = "";
  walkSegments<Segment | undefined>(path, root, (at, segment) => {
    const shape = shapeOf(segment);
    const isId = isIdAt(at, segment, shape);
    route += `/${isId ? idSegment : shape}`;
    return isId ? at?.id : at?.named.get(shape);
  });
  return route;
}

function isIdAt(at: Segment | undefined, segment: string, shape: string): boolean {
  return shape === idSegment || (at?.anyIsId === true && segment !== "");
}

/** Without query, fragment, and the scheme and authority of the absolute form; `*` and `host:port` stay. */
function plainPath(path: string): string {
  const queryAt = path.search(/[?#]/);
  const target = queryAt === -1 ? path : path.slice(0, queryAt);
  return target.startsWith("/") ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "") || "/";
}

/** What `step` makes of `from` and each segment in turn. The path begins with a slash. */
function walkSegments<T>(path: string, from: T, step: (at: T, segment: string) => T): T {
  let at = from;
  for (let start = 1; start <= path.length; ) {
    const slash = path.indexOf("/", start);
    const end = slash === -1 ? path.length : slash;
    at = step(at, path.slice(start, end));
    start = end + 1;
  }
  return at;
}

const idShapes: readonly RegExp[] = [
  /^-?\d+$/,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  // Hashes and object ids: hex with a digit in it, so that words such as "deadbeef" stay.
  /^(?=.*\d)[0-9a-f]{8,}$/i,
  // Dates and times, ISO 8601.
  /^\d{4}-\d{2}(?:-\d{2})?(?:[T ]\d{2}.*)?$/,
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  // order-10023, user_42: a word and a number.
  /^[a-z]+[-_]\d{2,}$/i,
  // Made-up ids of letters and digits: mixed case, or with several digits (nanoid, ULID, base64url, cus_9s6XKzkNRiz8i3).
  /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w=~.-]{12,}$/,
  /^(?=(?:.*\d){3})[a-z0-9]{16,}$/i,
];

/** Segments without the shape of an id: few, met in most paths, and the dearest to look at. */
const plainSegments = new Set<string>();

/** `{id}` for a segment that is one by its shape (`{id}.json` with an extension), else the segment itself. */
function shapeOf(segment: string): string {
  if (isNumber(segment)) return idSegment;
  if (plainSegments.has(segment)) return segment;
  const shape = lookAtShape(segment);
  if (shape === segment && segment.length <= 64) {
    if (plainSegments.size >= 4096) plainSegments.clear();
    plainSegments.add(segment);
  }
  return shape;
}

/** Most ids are, and to see that takes less than to look one up. */
function isNumber(segment: string): boolean {
  for (let at = 0; at < segment.length; at++) {
    const code = segment.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return segment !== "";
}

/** Whether a segment of a path is an id by its shape alone. */
export function isIdSegment(segment: string): boolean {
  return shapeOf(segment).startsWith(idSegment);
}

function lookAtShape(segment: string): string {
  const parameterAt = segment.indexOf(";");
  const plain = parameterAt === -1 ? segment : segment.slice(0, parameterAt);
  const text = plain.includes("%") ? decodeOrKeep(plain) : plain;
  if (idShapes.some((shape) => shape.test(text))) return idSegment;
  const [, stem, extension] = /^(.+)(\.[a-z][a-z0-9]{1,4})$/.exec(plain) ?? [];
  return stem !== undefined && idShapes.some((shape) => shape.test(stem)) ? idSegment + extension : plain;
}

function decodeOrKeep(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
