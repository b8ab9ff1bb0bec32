import { type Endpoint, numberFrom } from "../endpoint.js";
import { jsonReply } from "../reply.js";
import { instant } from "./instant.js";

const mostRandomMs = 3_000;
const mostMs = 600_000;

export const delayed: Endpoint = {
  path: "/delayed",
  explain: "as /instant, after ?delay= milliseconds; without it after a random time up to 3 s",
  async answer(request, service) {
    const delayMs = numberFrom(request, "delay", { otherwise: Math.random() * mostRandomMs, most: mostMs });
    if (delayMs === undefined) return jsonReply(400, { error: `delay must be 0 to ${mostMs} milliseconds` });
    return { ...(await instant.answer(request, service)), delayMs };
  },
};
