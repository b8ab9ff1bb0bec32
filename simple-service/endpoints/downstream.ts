import type { Endpoint } from "../endpoint.js";
import { embedded, type PeerAnswer } from "../peers.js";
import { jsonReply } from "../reply.js";

export const downstream: Endpoint = {
  path: "/downstream",
  explain: "calls ?servers=a/instant,b/delayed all at once and answers what they answered, in the order of the list",
  async answer(request, service) {
    const servers = (request.query.get("servers") ?? "").split(",").filter((server) => server !== "");
    const answers = await Promise.all(
      servers.map(async (server) => ({
        server,
        ...inWords(await service.peers.call({ to: server, method: "GET" }, request.headers)),
      })),
    );
    const status = answers.every((answer) => answer.status !== undefined && answer.status < 500) ? 200 : 502;
    return jsonReply(status, { name: service.name, status, answers });
  },
};

function inWords(answer: PeerAnswer): { status?: number; failure?: string; body?: unknown } {
  if (answer.kind === "failure") return { failure: answer.reason };
  return { status: answer.status, body: embedded(answer.body) };
}
