import { OperatorError } from "../../base/index.js";
import type { RouteFilter, RouteMatch, RouteRule } from "../routes/http-route.js";
import type { RouteDestination } from "../routes/virtual-service.js";
import type { CopyChoice } from "./mirror-routes.js";

/** So many rules an HTTPRoute may have (Gateway API, `HTTPRouteSpec`). */
const mostRules = 16;

/** Any path: what the API server fills in where a rule says nothing. */
const anyPath = { type: "PathPrefix", value: "/" };

/**
 * The rules of an HTTPRoute with copies to one more place, for those that `isMeant`. Pure. Where all requests are copied each gets a
 * mirror more; where only some are, each gets a twin that also asks for those, with the mirror. A twin asks more of a
 * request than the rule it is of, and the Gateway API gives a request to the rule that asks most.
 *
 * Written as the API server would fill it in, so that what is there is what the journal says. Throws an OperatorError when a
 * rule already asks for request ids, or another path, and when there would be more rules than may be.
 */
export function withRuleCopies(
  rules: readonly RouteRule[],
  choice: CopyChoice,
  isMeant: (rule: RouteRule) => boolean,
): RouteRule[] {
  const isForAll = choice.requestIds === undefined && choice.pathPrefix === undefined;
  const copied = rules.flatMap((rule) => {
    if (!isMeant(rule) || (rule.backendRefs ?? []).length === 0) return [rule];
    const withMirror = { ...rule, filters: [...(rule.filters ?? []), mirrorTo(choice.to)] };
    return isForAll ? [withMirror] : [twinOf(withMirror, choice), rule];
  });
  if (copied.length <= mostRules) return copied;
  throw new OperatorError(
    `its HTTPRoute has ${rules.length} rules and would need ${copied.length}, of ${mostRules} that may be: mirror all of its requests, and have the recorder keep a share (record --sample)`,
  );
}

function mirrorTo(to: RouteDestination): RouteFilter {
  const [name, namespace] = to.host.split(".") as [string, string];
  if (to.port === undefined)
    throw new OperatorError(`--to: an HTTPRoute has to name the port, as in ${name}.${namespace}:8080`);
  const backendRef = { group: "", kind: "Service", name, namespace, port: to.port.number };
  return { type: "RequestMirror", requestMirror: { backendRef } };
}

/** The name of a rule is unique in its route, so the twin has none. */
function twinOf({ name: _name, ...rule }: RouteRule, choice: CopyChoice): RouteRule {
  return { ...rule, matches: (rule.matches ?? [{ path: anyPath }]).map((match) => narrowedMatch(match, choice)) };
}

function narrowedMatch(match: RouteMatch, { requestIds, pathPrefix }: CopyChoice): RouteMatch {
  const narrowed = { ...match };
  if (requestIds !== undefined) {
    const { headers = [] } = match;
    if (headers.some(({ name }) => name.toLowerCase() === "x-request-id")) throw alreadyAsks("x-request-id");
    narrowed.headers = [...headers, { type: "RegularExpression", name: "x-request-id", value: requestIds }];
  }
  if (pathPrefix !== undefined) {
    const { type = anyPath.type, value = anyPath.value } = match.path ?? {};
    if (type !== anyPath.type || value !== anyPath.value) throw alreadyAsks(`path ${value}`);
    narrowed.path = { type: "PathPrefix", value: pathPrefix };
  }
  return narrowed;
}

function alreadyAsks(what: string): OperatorError {
  return new OperatorError(`its HTTPRoute already matches ${what}: nothing can be asked of it beside that`);
}

/** Whether a rule copies to this place. */
export function ruleCopiesTo({ filters = [] }: RouteRule, to: RouteDestination): boolean {
  const wanted = mirrorTo(to).requestMirror!.backendRef;
  return filters.some(
    ({ requestMirror }) =>
      requestMirror?.backendRef.name === wanted.name &&
      requestMirror.backendRef.namespace === wanted.namespace &&
      requestMirror.backendRef.port === wanted.port,
  );
}
