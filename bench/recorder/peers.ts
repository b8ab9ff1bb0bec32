import http from "node:http";
import type { AddressInfo } from "node:net";
import { openLog, systemClock } from "../../base/index.js";
import { type RecorderOptions, startRecorder } from "../../recorder/index.js";
import { newRecorderId, openTapeWriter, redactionKey } from "../../tape/index.js";

/** The bare Node server: reads the body, answers the same empty 200 as the mirror recorder. */
export function serveBare(): void {
  serve((request, response) => {
    const answer = () => response.writeHead(200, ["content-length", "0"]).end();
    if (request.method === "GET") answer();
    else request.resume().on("end", answer);
  });
}

/** The service behind the inline recorder and Envoy: a small JSON answer after the body. */
export function serveService(): void {
  const answer = Buffer.from(JSON.stringify({ ok: true, items: ["one", "two", "three"], total: 3 }));
  const fields = ["content-type", "application/json", "content-length", String(answer.length)];
  serve((request, response) => {
    const say = () => response.writeHead(200, fields).end(answer);
    if (request.method === "GET") say();
    else request.resume().on("end", say);
  });
}

/** The recorder with its defaults, as `tapeloop record` starts it, on a folder of segments. Without an upstream: a mirror, unless said otherwise. */
export async function serveRecorder(
  tape: string,
  upstream: string | undefined,
  mode: "mirror" | "ext-proc" = "mirror",
): Promise<void> {
  const clock = systemClock();
  const key = redactionKey(new Uint8Array(32).fill(1));
  const recorder = { id: newRecorderId("bench"), origin: {}, epochNsAtZero: clock.epochNsAtZero };
  const writer = await openTapeWriter({ path: tape, recorder, key });
  const addresses = { listen: "127.0.0.1:0", admin: "127.0.0.1:0" };
  const options: RecorderOptions =
    upstream === undefined ? { ...addresses, mode } : { ...addresses, mode: "inbound", upstream };
  const { listen, admin, stop } = await startRecorder(options, { writer, clock, key, log: openLog("warn") });
  process.stdout.write(`${JSON.stringify({ ready: true, listen, admin })}\n`);
  process.once("SIGTERM", () => void stop());
}

function serve(listener: http.RequestListener): void {
  const server = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, listener);
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ ready: true, listen: `127.0.0.1:${port}` })}\n`);
  });
  process.on("SIGTERM", () => process.exit(0));
}
