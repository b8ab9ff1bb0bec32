import { OperatorError } from "../../base/index.js";
import { isSame, type Json } from "../journal/json.js";
import { type AuthorityMatch, meantFor } from "../routes/authority.js";
import { narrowed } from "../routes/narrowed.js";
import {
  type HttpMatch,
  type HttpRoute,
  hasDestination,
  ownRoutePrefixes,
  type RouteDestination,
} from "../routes/virtual-service.js";

/** Whose copies are wanted. */
export interface CopyChoice {
  /** Where copies go. */
  to: RouteDestination;
  /** Only requests whose x-request-id matches: a share of whole traces. All without it. */
  requestIds?: string;
  /** Only requests of these paths' beginning. */
  pathPrefix?: string;
}

/** Kind of the journal's entries of mirrors. */
export const mirrorKind = "mirror";

/**
 * The routes of a host with copies to one more place. Pure. Where all requests are copied each route gets a mirror more;
 * where only some are, each gets a twin before it that also asks for those, with the mirror.
 *
 * The old single `mirror` becomes the first of `mirrors`, for Istio takes one or the other. Routes that answer themselves
 * (redirects) have nothing to copy. Throws an OperatorError when no route has, or one already asks for request ids.
 *
 * @param authority what tells the host's calls from those to other hosts with the same routes
 */
export function withCopies(routes: readonly HttpRoute[], choice: CopyChoice, authority?: AuthorityMatch): HttpRoute[] {
  const copied = routes.map((route) => (hasDestination(route) ? meantFor(route, authority) : undefined));
  if (copied.every((route) => route === undefined)) {
    throw new OperatorError("its VirtualService has no HTTP route with a destination: there is nothing to copy");
  }
  const isForAll = choice.requestIds === undefined && choice.pathPrefix === undefined;
  return routes.flatMap((route, at) => {
    const meant = copied[at];
    if (meant === undefined) return [route];
    const withCopy = withMirror(meant, choice.to);
    // A route that takes these calls alone needs no twin.
    if (isForAll && isSame(meant.match as Json | undefined, route.match as Json | undefined)) return [withCopy];
    const name = `${ownRoutePrefixes.mirror}${route.name ?? at}`;
    return [{ ...withCopy, name, match: narrowed(meant.match, [askedOf(choice)]) }, route];
  });
}

function withMirror(route: HttpRoute, to: RouteDestination): HttpRoute {
  const { mirror, mirrorPercentage, mirrorPercent, mirror_percent, mirrors = [], ...rest } = route;
  const share = mirrorPercentage ?? percentOf(mirrorPercent ?? mirror_percent);
  const single =
    mirror === undefined
      ? []
      : [share === undefined ? { destination: mirror } : { destination: mirror, percentage: share }];
  return { ...rest, mirrors: [...single, ...mirrors, { destination: to, percentage: { value: 100 } }] };
}

function percentOf(value: number | undefined): { value: number } | undefined {
  return value === undefined ? undefined : { value };
}

/** What the choice asks of a request. */
function askedOf({ requestIds, pathPrefix }: CopyChoice): HttpMatch {
  const asked: HttpMatch = {};
  if (requestIds !== undefined) asked.headers = { "x-request-id": { regex: requestIds } };
  if (pathPrefix !== undefined) asked.uri = { prefix: pathPrefix };
  return asked;
}

/** Whether requests that a route takes, of those to the service, are copied to this place. */
export function copiesTo(route: HttpRoute, to: RouteDestination, authority?: AuthorityMatch): boolean {
  if (meantFor(route, authority) === undefined) return false;
  const { mirror, mirrors = [] } = route;
  const all = [...(mirror === undefined ? [] : [mirror]), ...mirrors.map(({ destination }) => destination)];
  return all.some(({ host, port }) => host === to.host && port?.number === to.port?.number);
}
