import { drawnFrom } from "../chance.js";
import { type Endpoint, numberFrom } from "../endpoint.js";
import { jsonReply } from "../reply.js";
import { identityOf } from "../request.js";

export const flaky: Endpoint = {
  path: "/flaky",
  explain: "answers 503 to ?share= per cent of requests (50), drawn by hash of x-request-id",
  answer(request, service) {
    const sharePercent = numberFrom(request, "share", { otherwise: 50, most: 100 });
    if (sharePercent === undefined) return jsonReply(400, { error: "share must be 0 to 100 per cent" });
    const fails = drawnFrom("flaky", identityOf(request)) * 100 < sharePercent;
    return jsonReply(fails ? 503 : 200, { name: service.name, ok: !fails });
  },
};
