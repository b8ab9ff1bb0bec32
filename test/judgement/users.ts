import { randomBytes, randomUUID } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:http2";
import type { JudgedCase, UserRequest } from "./case.js";
import { callGrpc } from "./services/grpc-service.js";

const usersAtOnce = 16;

/** Makes the calls of all cases, mixed as calls of many users are; every case keeps its own order. */
export async function makeCalls(entry: URL, cases: readonly JudgedCase[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: usersAtOnce });
  const session = cases.some((one) => one.grpc) ? connect(entry) : undefined;
  const queue = cases.flatMap(errandsOf);
  const user = async () => {
    for (let errand = queue.shift(); errand !== undefined; errand = queue.shift()) {
      for (const request of errand) {
        if (request.grpc === undefined) await call(agent, entry, request);
        else await callGrpc(session!, request.path, request.grpc, { ...traceOf(), ...request.headers });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: usersAtOnce }, user));
  } finally {
    agent.destroy();
    session?.destroy();
  }
}

/** Requests that follow each other. */
function errandsOf({ traffic, oneUser = false }: JudgedCase): (readonly UserRequest[])[] {
  return oneUser ? [traffic] : traffic.map((request) => [request]);
}

/** To the end of the answer, whatever it is: what broke is on the tape. */
function call(agent: Agent, entry: URL, { method = "GET", path, headers = {}, body }: UserRequest): Promise<void> {
  return new Promise((resolve) => {
    const sent = httpRequest({
      ...{ agent, hostname: entry.hostname, port: entry.port, path, method },
      headers: {
        host: "front",
        ...traceOf(),
        "user-agent": "judgement",
        ...headers,
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
    });
    sent.on("error", () => resolve());
    sent.on("response", (answer) => answer.on("close", () => resolve()).resume());
    sent.end(body);
  });
}

function traceOf(): Record<string, string> {
  const traceparent = `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
  return { "x-request-id": randomUUID(), traceparent };
}
