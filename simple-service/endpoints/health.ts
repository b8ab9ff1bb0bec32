import type { Endpoint } from "../endpoint.js";
import { jsonReply } from "../reply.js";

export const health: Endpoint = {
  path: "/",
  explain: "200 and the service's name and version",
  answer: (_request, service) =>
    jsonReply(200, { name: service.name, ...(service.behaviour && { version: service.behaviour.version }) }),
};
