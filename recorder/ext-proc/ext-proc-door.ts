import type { Door, DoorParts } from "../doors/door.js";
import { type GrpcOpening, GrpcPort, type GrpcPortParts } from "../grpc/grpc-port.js";
import type { StreamOrigin } from "./reported-head.js";
import { Transaction } from "./transaction.js";

/** What an Envoy calls for each HTTP transaction. */
export const processMethod = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";

/** With this metadata the printed filter says how long after a call Envoy closes its stream, in milliseconds. */
export const closesAfterField = "x-tapeloop-closes-after-ms";

/** With this metadata a filter says which proxy it stands in, as the header of that name does on a mirror's copies. */
export const hopField = "x-tapeloop-hop";

/** What the door needs to be told beside the recorder's own parts. */
export interface ExtProcDoorOptions
  extends Pick<GrpcPortParts, "tls" | "sniffMs" | "maxHeaderBytes" | "maxConnections"> {
  listen: string;
}

/** The port that Envoys in observability mode report to: request and answer of every call they pass on. */
export async function openExtProcDoor({ listen, ...options }: ExtProcDoorOptions, parts: DoorParts): Promise<Door> {
  const { capture, counts, clock, log } = parts;
  const open = ({ connection, metadata }: GrpcOpening) =>
    new Transaction({
      capture,
      counts,
      clock,
      origin: originOf(connection.client, metadata),
      closesAfterMs: msOf(metadata[closesAfterField]),
    });
  const newConnectionId = () => capture.newConnectionId();
  const methods = new Map([[processMethod, open]]);
  const port = new GrpcPort({ ...options, methods, counts, clock, log, newConnectionId });
  const address = await port.listen(listen, "Envoy's external processor");
  return {
    listen: address,
    get openConnections() {
      return port.openConnections;
    },
    drain: (withinMs, cutOff) => port.drain(withinMs, cutOff),
    close: async () => {},
  };
}

function originOf(peer: string, { traceparent, [hopField]: hop }: GrpcOpening["metadata"]): StreamOrigin {
  return {
    peer,
    ...(typeof traceparent === "string" && { traceparent }),
    ...(typeof hop === "string" && hop !== "" && { hop }),
  };
}

function msOf(text: string | string[] | undefined): number {
  return typeof text === "string" && /^\d{1,6}$/.test(text) ? Number(text) : 0;
}
