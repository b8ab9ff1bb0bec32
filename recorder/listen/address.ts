import type { AddressInfo, Server } from "node:net";
import { OperatorError, reasonOf } from "../../base/index.js";

/** Listens at `HOST:PORT` (`[::1]:80` too, and `:80` for all addresses). Gives the real address; a port in use or a bad address is an OperatorError. */
export async function listenAt(server: Server, address: string, purpose: string): Promise<string> {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new OperatorError(
      `cannot listen for ${purpose} at "${address}": give it as HOST:PORT, such as 127.0.0.1:8080`,
    );
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(refusal(address, purpose, error)));
    server.listen({ port: Number(port), host: host.replace(/^\[|\]$/g, "") || undefined }, resolve);
  });
  return addressText(server.address() as AddressInfo);
}

function refusal(address: string, purpose: string, error: Error & { code?: string }): OperatorError {
  const said =
    error.code === "EADDRINUSE" ? "the port is in use; choose another, or stop who holds it" : reasonOf(error);
  return new OperatorError(`cannot listen for ${purpose} at ${address}: ${said}`, { cause: error });
}

function addressText({ family, address, port }: AddressInfo): string {
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}
