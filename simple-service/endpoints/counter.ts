import type { Endpoint } from "../endpoint.js";
import { jsonReply } from "../reply.js";
import { countUp } from "../service.js";

// The space keeps it apart from the counters that a behave file names.
const name = "the /counter";

export const counter: Endpoint = {
  path: "/counter",
  explain: "GET gives the count, POST adds one to it",
  answer(request, service) {
    if (request.method === "POST") return jsonReply(200, { count: countUp(service, name) });
    if (request.method !== "GET" && request.method !== "HEAD") return jsonReply(405, { error: "GET or POST" });
    return jsonReply(200, { count: service.counts.get(name) ?? 0 });
  },
};
