import { firstValue, isGrpcType, mediaType } from "../../message/index.js";
import type { Answer, Difference, Exchange } from "../../tape/index.js";
import { type CompareOptions, compareAsked, requestFields } from "../compare/index.js";

/** How two requests are compared. */
export interface RequestOptions extends Pick<CompareOptions, "rules"> {
  /** The same key made the pseudonyms on both sides. */
  sameKey: boolean;
  /** A control tells which values are made anew each time; without one, what may be an id or a number of a run says nothing. */
  isControlled: boolean;
}

/**
 * In what a service asked another otherwise, by path, query and body, at places that begin with `request:`. Bodies are
 * compared as those of answers are, by the same rules; what a body repeats of the request's own header fields (ids, marks)
 * is no Difference. Header fields are not compared: proxies and tracers write most of them. Nor is what was not seen whole,
 * gRPC, and what pseudonyms of different keys stand in.
 */
export function compareRequests(expected: Exchange, actual: Exchange, options: RequestOptions): Difference[] {
  const isHidden = [expected, actual].some(({ redacted }) => redacted.request.length > 0);
  if (isHidden && !options.sameKey) return [];
  const found = [
    ...comparePaths(expected.request.path, actual.request.path),
    ...(areComparable(expected, actual) ? compareSent(expected, actual, options) : []),
  ];
  return found.filter((one) => options.isControlled || !mayBeMadeAnew(one)).map(atRequest);
}

/** Both were seen to their end; without a body, by recorders that see the same. */
function areComparable(expected: Exchange, actual: Exchange): boolean {
  const isWhole = ({ request }: Exchange) =>
    request.end === "complete" && (request.body.kind === "whole" || expected.vantage === actual.vantage);
  const isRead = ({ request: { body, headers } }: Exchange) =>
    body.kind !== "cut" && body.kind !== "unredactable" && !isGrpcType(mediaType(headers)?.essence ?? "");
  return [expected, actual].every((one) => isWhole(one) && isRead(one));
}

function compareSent(expected: Exchange, actual: Exchange, { rules }: RequestOptions): Difference[] {
  const asked = () => ({ expected: fieldsOf(expected), actual: fieldsOf(actual) });
  const found = compareAsked(sentBy(expected), sentBy(actual), asked, { rules });
  return found.filter(({ place }) => place.startsWith("body"));
}

function fieldsOf({ request }: Exchange): ReturnType<typeof requestFields> {
  return requestFields(request.headers, request.authority);
}

/** The body of a request, as if it were an answer's. */
function sentBy({ request }: Exchange): Answer {
  const headers = ["content-type", "content-encoding"].flatMap((name): [string, string][] => {
    const value = firstValue(request.headers, name);
    return value === undefined ? [] : [[name, value]];
  });
  return { kind: "response", status: 200, end: "complete", headers, body: request.body, trailers: [] };
}

/** Of one route: segment by segment, and by the names in the query. */
function comparePaths(expected: string, actual: string): Difference[] {
  if (expected === actual) return [];
  const [[before, beforeQuery], [after, afterQuery]] = [parted(expected), parted(actual)];
  const [left, right] = [before.split("/"), after.split("/")];
  const segments = left.flatMap((segment, at) => {
    const other = right[at] ?? "";
    return segment === other ? [] : [changed(`path/${at}`, segment, other)];
  });
  const names = [...new Set([...beforeQuery.keys(), ...afterQuery.keys()])];
  const fields = names.flatMap((name): Difference[] => {
    const [one, other] = [beforeQuery, afterQuery].map((query) => query.getAll(name).join(", ")) as [string, string];
    const place = `query:${name}`;
    if (!afterQuery.has(name)) return [{ kind: "missing-field", place, severity: "high", expected: one }];
    if (!beforeQuery.has(name)) return [{ kind: "added-field", place, severity: "low", actual: other }];
    return one === other ? [] : [changed(place, one, other)];
  });
  return [...segments, ...fields];
}

function parted(path: string): [path: string, query: URLSearchParams] {
  const at = path.indexOf("?");
  return at === -1 ? [path, new URLSearchParams()] : [path.slice(0, at), new URLSearchParams(path.slice(at + 1))];
}

function changed(place: string, expected: string, actual: string): Difference {
  return { kind: "changed-value", place, severity: "medium", expected, actual };
}

/** A service makes ids of its own and passes them on; only words and structure are surely not such. */
function mayBeMadeAnew(difference: Difference): boolean {
  switch (difference.kind) {
    case "added-field":
    case "missing-field":
    case "changed-type":
      return false;
    case "changed-value":
      return /\d/.test(difference.expected) || /\d/.test(difference.actual);
    default:
      return true;
  }
}

function atRequest(difference: Difference): Difference {
  const { place, grouped } = difference;
  return { ...difference, place: `request:${place}`, ...(grouped !== undefined && { grouped: `request:${grouped}` }) };
}
