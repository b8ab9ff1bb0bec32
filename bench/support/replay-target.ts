import http from "node:http";
import type { AddressInfo } from "node:net";
import { answerTo } from "./replay-answers.js";

/** Of the calls to the second port this one is answered otherwise: a replay that does not find it has not compared. */
const seeded = /\/77$/;

/** Of the plain server, told by the third: how many calls it took, and when the last one came (`performance.now()`). */
const taken = { calls: 0, firstMs: 0, lastMs: 0 };

const listen = (answer: (path: string) => string): Promise<number> => {
  const server = http.createServer((request, response) => {
    const body = answer(request.url!);
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
};

// Bare Node servers, in a process of its own: prints their ports and lives until its parent does not.
const plain = await listen((path) => {
  taken.lastMs = performance.now();
  if (taken.calls++ === 0) taken.firstMs = taken.lastMs;
  return answerTo(path);
});
const changed = await listen((path) => {
  const body = answerTo(path);
  return seeded.test(path) ? body.replace('"stars":', '"stars":1') : body;
});
// `/` tells, `/reset` begins anew.
const telling = await listen((path) => {
  const text = JSON.stringify(taken);
  if (path === "/reset") taken.calls = 0;
  return text;
});
process.stdout.write(`${plain} ${changed} ${telling}\n`);
process.stdin.resume().on("end", () => process.exit());
