import http2 from "node:http2";
import type { AddressInfo } from "node:net";

/** A gRPC server that reads every stream to its end and does nothing else: what Node's HTTP/2 costs by itself. */
export function serveSink(): void {
  const server = http2.createServer({ settings: { initialWindowSize: 2 ** 20 }, maxSessionMemory: 4096 });
  server.on("session", (session) => {
    session.setLocalWindowSize(32 * 2 ** 20);
    session.on("error", () => {});
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.resume();
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ ready: true, listen: `127.0.0.1:${port}` })}\n`);
  });
  process.on("SIGTERM", () => process.exit(0));
}
