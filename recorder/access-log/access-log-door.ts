import type { CapturedStatus } from "../../tape/index.js";
import type { Door, DoorParts } from "../doors/door.js";
import { GrpcPort, type GrpcPortParts, type GrpcTaker } from "../grpc/grpc-port.js";
import { type LogEntry, readLogEntries } from "./log-entries.js";
import { MirroredCalls } from "./mirrored-calls.js";

/** What an Envoy sends its access log to, on one stream for as long as it runs. */
export const accessLogMethod = "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";

export interface AccessLogDoorOptions
  extends Pick<GrpcPortParts, "tls" | "sniffMs" | "maxHeaderBytes" | "maxConnections"> {
  listen: string;
}

const secondMs = 1000;

/** Takes Envoy's access log beside a mirror, so that copies of requests learn how their originals were answered. */
export async function openAccessLogDoor({ listen, ...options }: AccessLogDoorOptions, parts: DoorParts): Promise<Door> {
  const { capture, counts, clock, log } = parts;
  const calls = new MirroredCalls(clock, {
    joined: (sequence, entry) => capture.addStatus(statusOf(sequence, entry)),
    unmatched: () => counts.add("statusesLost"),
  });
  const methods = new Map([[accessLogMethod, () => takerFor(calls)]]);
  const newConnectionId = () => capture.newConnectionId();
  const port = new GrpcPort({ ...options, methods, counts, clock, log, newConnectionId });
  const address = await port.listen(listen, "Envoy's access log");
  capture.onBegun = (recording) => {
    if (recording.vantage === "mirror") calls.begun(recording);
  };
  const sweep = setInterval(() => calls.expire(), secondMs);
  return {
    listen: address,
    get openConnections() {
      return port.openConnections;
    },
    drain: (withinMs, cutOff) => port.drain(withinMs, cutOff),
    close: async () => {
      clearInterval(sweep);
      calls.close();
    },
  };
}

/** The stream lives as long as its Envoy: its end says nothing, and nothing more of it need be awaited. */
function takerFor(calls: MirroredCalls): GrpcTaker {
  return {
    message: (bytes) => {
      for (const entry of readLogEntries(bytes)) if (!entry.isIntermediate) calls.told(entry);
    },
    closed: () => {},
    lost: () => {},
    isOver: true,
  };
}

function statusOf(sequence: number, entry: LogEntry): CapturedStatus {
  const { status, startedAfterMs, endedAfterMs, proxy } = entry;
  return {
    part: "status",
    sequence,
    vantage: "mirror",
    answer: status === undefined ? { kind: "failure", reason: reasonOf(proxy.flags) } : { kind: "status-only", status },
    ...(startedAfterMs !== undefined && { startedAfterMs }),
    ...(endedAfterMs !== undefined && { endedAfterMs }),
    proxy,
  };
}

/** Why no status was sent: the client went away, unless Envoy found its request to be no HTTP. */
function reasonOf(flags: readonly string[] = []): "aborted" | "protocol" {
  return flags.includes("DPE") ? "protocol" : "aborted";
}
