import http from "node:http";
import { OperatorError, reasonOf } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import { openPort } from "./port.js";

/** A page that is not there within this is given up. */
const answerMs = 10_000;

/** The text of a page that a pod serves over HTTP, at a port that may be on its loopback alone. Throws an OperatorError for anything but 200. */
export async function podPage(
  cluster: Cluster,
  namespace: string,
  pod: string,
  port: number,
  path: string,
): Promise<string> {
  const stream = await openPort(cluster, namespace, pod, port);
  const cannot = (why: string) =>
    new OperatorError(`cannot read ${path} at port ${port} of pod ${pod} in namespace ${namespace}: ${why}`);
  try {
    return await new Promise<string>((resolve, reject) => {
      stream.on("error", (cause) => reject(cause));
      const headers = { host: `localhost:${port}`, connection: "close" };
      const asked = http.get({ path, headers, timeout: answerMs, createConnection: () => stream }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        answer.on("error", (cause) => reject(cannot(reasonOf(cause))));
        answer.on("end", () =>
          answer.statusCode === 200 ? resolve(text) : reject(cannot(`it answered ${answer.statusCode}`)),
        );
      });
      asked.on("timeout", () => asked.destroy(new Error(`no answer within ${answerMs / 1000} s`)));
      asked.on("error", (cause) => reject(cause instanceof OperatorError ? cause : cannot(reasonOf(cause))));
    });
  } finally {
    stream.destroy();
  }
}
