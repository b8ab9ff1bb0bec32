import type { Answer, Request } from "../../../tape/index.js";
import { walkBody } from "./body.js";
import { walkHeaders } from "./headers.js";
import type { PlaceFilter } from "./place-filter.js";
import type { Visit } from "./spot.js";
import { walkTarget } from "./target.js";
import { lookingInside } from "./text.js";

/**
 * Visits every value of a request that may carry state, and gives the request with what was replaced, everything else as
 * it was: the very same object when nothing was.
 */
export function walkRequest(request: Request, visit: Visit): Request {
  const deep = lookingInside(visit);
  const path = request.path.includes("/") ? walkTarget(request.path, "", 0, deep) : undefined;
  const headers = walkHeaders(request.headers, deep);
  const body = walkBody(request.body, request.headers, deep);
  if (path === undefined && headers === request.headers && body === request.body) return request;
  return { ...request, path: path ?? request.path, headers, body };
}

/**
 * The same of an answer: its body first, for there a value has its name; then the fields. With a filter, what it lets be
 * passed by may be left out.
 */
export function walkAnswer(answer: Answer, visit: Visit, lookedFor?: PlaceFilter): Answer {
  if (answer.kind !== "response") return answer;
  const deep = lookedFor?.isShallow === true ? visit : lookingInside(visit);
  const { isInBody = true, json } = lookedFor ?? {};
  const body = isInBody ? walkBody(answer.body, answer.headers, deep, json) : answer.body;
  const headers = walkHeaders(answer.headers, deep);
  return headers === answer.headers && body === answer.body ? answer : { ...answer, headers, body };
}
