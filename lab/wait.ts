import type { ServerResponse } from "node:http";

/** Waits, unless the client leaves first. */
export function waitUnlessGone(delayMs: number, response: ServerResponse): Promise<"waited" | "gone"> {
  return new Promise((resolve) => {
    const finish = (outcome: "waited" | "gone") => {
      clearTimeout(timer);
      response.off("close", gone);
      resolve(outcome);
    };
    const gone = () => finish("gone");
    const timer = setTimeout(() => finish("waited"), delayMs);
    response.once("close", gone);
  });
}
