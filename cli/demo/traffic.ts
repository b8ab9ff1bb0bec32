import { createHash } from "node:crypto";
import { Agent, request as sendRequest } from "undici";
import { draw, OperatorError } from "../../base/index.js";

/** One call that a user of the shop makes. */
export interface UserCall {
  method: "GET" | "POST";
  path: string;
  body?: string;
  requestId: string;
}

const seed = "demo";
const products = 40;

/** The calls of the demo, the same at each run: lists, products, ratings, and now and then a review is written. */
export function planTraffic(count: number): UserCall[] {
  return Array.from({ length: count }, (_, n) => {
    const between = (what: string, from: number, to: number) =>
      from + Math.floor(draw(seed, n, what) * (to - from + 1));
    const id = between("product", 1, products);
    return { requestId: requestIdOf(n), ...callOf(draw(seed, n, "route"), id, between("value", 1, 5)) };
  });
}

function callOf(drawn: number, id: number, value: number): Omit<UserCall, "requestId"> {
  if (drawn < 0.15) return { method: "GET", path: `/products?page=${value}` };
  if (drawn < 0.6) return { method: "GET", path: `/products/${id}` };
  if (drawn < 0.9) return { method: "GET", path: `/products/${id}/rating` };
  return { method: "POST", path: `/products/${id}/reviews`, body: JSON.stringify({ stars: value }) };
}

function requestIdOf(n: number): string {
  const hex = createHash("sha256").update(`${seed} ${n}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Users that call at the same time, each one call after the other. */
const users = 8;

/** Sends the calls to the shop's entry. Throws when one is not answered with a 2xx: the demo's recording must be sound. */
export async function sendTraffic(
  calls: readonly UserCall[],
  entry: URL,
  host: string,
  signal: AbortSignal,
): Promise<void> {
  const agent = new Agent({ connections: users });
  const queue = calls.values();
  const user = async () => {
    for (const call of queue) {
      signal.throwIfAborted();
      await sendCall(call, entry, host, agent);
    }
  };
  try {
    await Promise.all(Array.from({ length: users }, user));
  } finally {
    await agent.close();
  }
}

async function sendCall(call: UserCall, entry: URL, host: string, dispatcher: Agent): Promise<void> {
  const { method, path, body } = call;
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const headers = { host, "x-request-id": call.requestId, "user-agent": "shopper", ...type };
  const sent = { method, headers, dispatcher, ...(body !== undefined && { body }) };
  const answer = await sendRequest(new URL(path, entry), sent);
  await answer.body.dump();
  if (answer.statusCode >= 300) {
    throw new OperatorError(`the demo's own ${method} ${path} was answered ${answer.statusCode}`, { exitCode: 3 });
  }
}
