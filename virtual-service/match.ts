import type { HttpRoute, Match } from "./schema.js";
import { matchesString, type StringMatch } from "./string-match.js";

/** What of a request decides its way. */
export interface RoutedRequest {
  /** Name of the service called. */
  host: string;
  method: string;
  /** With its query, which is not matched on. */
  path: string;
  /** Names in lower case; repeated fields joined by a comma, as Envoy matches them. */
  headers: Readonly<Record<string, string | undefined>>;
}

/** Whether a route takes a request: any of its matches, all conditions of a match; without matches, every request. */
export function routeTakes(route: HttpRoute, request: RoutedRequest): boolean {
  return route.match?.some((match) => meets(match, request)) ?? true;
}

function meets(match: Match, request: RoutedRequest): boolean {
  return (
    (!match.uri || matchesString(match.uri, pathAlone(request.path))) &&
    (!match.method || matchesString(match.method, request.method)) &&
    entriesOf(match.headers).every(([name, wanted]) => headerMeets(wanted, request.headers[name])) &&
    entriesOf(match.withoutHeaders).every(([name, unwanted]) => !headerMeets(unwanted, request.headers[name]))
  );
}

function pathAlone(path: string): string {
  return path.split(/[?#]/, 1)[0]!;
}

function headerMeets(match: StringMatch, value: string | undefined): boolean {
  if (value === undefined) return false;
  return Object.keys(match).length === 0 || matchesString(match, value);
}

function entriesOf(matches: Match["headers"]): [string, StringMatch][] {
  return Object.entries(matches ?? {}) as [string, StringMatch][];
}
