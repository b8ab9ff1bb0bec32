import type { Endpoint } from "../endpoint.js";
import { jsonReply } from "../reply.js";
import { headerOf } from "../request.js";

export const echo: Endpoint = {
  path: "/echo",
  explain: "answers the body and content-type it was sent; without a body, the method and path",
  answer(request) {
    if (request.body.length === 0) return jsonReply(200, { method: request.method, path: pathAndQuery(request) });
    const type = headerOf(request, "content-type") ?? "application/octet-stream";
    return { status: 200, headers: { "content-type": type }, body: request.body };
  },
};

function pathAndQuery(request: { path: string; query: URLSearchParams }): string {
  return request.query.size === 0 ? request.path : `${request.path}?${request.query}`;
}
