import type { Vantage } from "../../tape/index.js";
import { type Limits, Port } from "../listen/port.js";
import type { ListenTls } from "../listen/secure.js";
import type { Mode } from "../mode.js";
import type { Door, DoorParts } from "./door.js";

/** What a door for HTTP calls listens on, and what it does with them. */
export interface HttpDoorOptions {
  listen: string;
  vantage: Vantage;
  tls?: ListenTls | undefined;
  sniffMs: number;
  limits: Limits;
  /** @param ownAddress where the door listens, once it does */
  mode: (parts: DoorParts, ownAddress: () => string | undefined) => Mode;
}

/** A door for HTTP/1 and HTTP/2: a port, and the mode that answers what comes there. */
export async function openHttpDoor(options: HttpDoorOptions, parts: DoorParts): Promise<Door> {
  const { mode: modeFor, tls, ...rest } = options;
  let listen: string | undefined;
  const mode = modeFor(parts, () => listen);
  const port = new Port({ ...parts, ...rest, mode, ...(tls && { tls }) });
  listen = await port.listen(options.listen).catch(async (refusal) => {
    await mode.close();
    throw refusal;
  });
  return {
    listen,
    get openConnections() {
      return port.openConnections;
    },
    renewTls: (pem) => port.renewTls(pem),
    windDown: () => port.windDown(),
    drain: (withinMs, cutOff) => port.drain(withinMs, cutOff),
    close: () => mode.close(),
  };
}
