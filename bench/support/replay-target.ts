import http from "node:http";
import type { AddressInfo } from "node:net";
import { answerTo } from "./replay-answers.js";

/** Of the calls to the second port this one is answered otherwise: a replay that does not find it has not compared. */
const seeded = /\/77$/;

const listen = (change: (path: string, body: string) => string): Promise<number> => {
  const server = http.createServer((request, response) => {
    const body = change(request.url!, answerTo(request.url!));
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
};

// Bare Node servers, in a process of its own: prints their ports and lives until its parent does not.
const plain = await listen((_path, body) => body);
const changed = await listen((path, body) => (seeded.test(path) ? body.replace('"stars":', '"stars":1') : body));
process.stdout.write(`${plain} ${changed}\n`);
process.stdin.resume().on("end", () => process.exit());
