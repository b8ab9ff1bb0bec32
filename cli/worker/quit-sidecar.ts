import http from "node:http";

/** Where Istio's agent takes requests of its own pod. */
const agentPort = 15_020;
const withinMs = 2_000;

/**
 * Asks the sidecar of this pod to end, so that its Job is complete. Where sidecars are native to the cluster it is not needed,
 * and where there is none nobody listens: both are as good.
 */
export function quitSidecar(port: number = agentPort): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, path: "/quitquitquit", method: "POST", timeout: withinMs };
    const asked = http.request(options, (answer) => {
      answer.resume();
      answer.on("close", () => resolve(answer.statusCode === 200));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
