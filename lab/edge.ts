import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Door, Mesh } from "./mesh.js";
import { nothingObserved, type Observed } from "./observed.js";
import { passOn, passUpgradeOn } from "./pass-on.js";

/** The way into one service: obeys the VirtualServices for its host, as the caller's Envoy does. */
export interface Edge {
  readonly service: string;
  readonly observed: Observed;
  /**
   * An address for one caller, made when first asked for. Calls that come in there carry the caller's name in
   * `x-envoy-downstream-service-cluster`, as Envoy's `add_user_agent` sets it; calls from outside carry none.
   */
  openFor(caller: string | undefined): Promise<URL>;
  close(): Promise<void>;
}

export function createEdge(service: string, mesh: Mesh): Edge {
  const observed = nothingObserved();
  const doors = new Map<string | undefined, { server: Server; url: URL }>();
  return {
    service,
    observed,
    async openFor(caller) {
      const known = doors.get(caller);
      if (known) return known.url;
      const door = await openDoor({ service, caller, mesh, observed });
      doors.set(caller, door);
      return door.url;
    },
    async close() {
      const open = [...doors.values()];
      doors.clear();
      await Promise.all(open.map(({ server }) => closeServer(server)));
    },
  };
}

async function openDoor(door: Door): Promise<{ server: Server; url: URL }> {
  const server = createServer((request, response) => void passOn(door, request, response));
  server.on("upgrade", (request, socket, head) => passUpgradeOn(door, request, socket, head));
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, url: new URL(`http://127.0.0.1:${port}`) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
