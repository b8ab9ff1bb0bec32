import { type Endpoint, numberFrom } from "../endpoint.js";
import { jsonReply } from "../reply.js";

export const instant: Endpoint = {
  path: "/instant",
  explain: "answers at once; ?code= is the status (200)",
  answer(request, service) {
    const code = numberFrom(request, "code", { otherwise: 200, most: 599 });
    if (code === undefined || code < 200) return jsonReply(400, { error: "code must be 200 to 599" });
    return jsonReply(code, { name: service.name, code });
  },
};
