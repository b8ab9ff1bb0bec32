import http from "node:http";
import type { AddressInfo } from "node:net";
import { answerTo } from "./replay-answers.js";

// A bare Node server, in a process of its own: prints its port and lives until its parent does not.
const server = http.createServer((request, response) => {
  const body = answerTo(request.url!);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.resume().on("end", () => process.exit());
