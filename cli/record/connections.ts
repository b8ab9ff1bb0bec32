import type { Command } from "commander";
import { z } from "zod";
import type { RecorderOptions } from "../../recorder/index.js";
import { bytesSetting, durationSetting } from "../settings.js";

/** What a client may use of a port. */
export const connectionSettings = {
  maxHeaders: bytesSetting.prefault("256KiB").refine((bytes) => bytes >= 1024, "must be at least 1KiB"),
  maxConnections: z.coerce.number().int().min(1).default(10_000),
  idleTimeout: durationSetting.prefault("1h"),
};

interface ConnectionSettings {
  maxHeaders: number;
  maxConnections: number;
  idleTimeout: number;
}

export function addConnectionOptions(command: Command): Command {
  return command
    .option("--max-headers <size>", "all header fields of a message together (default: 256KiB)")
    .option("--max-connections <count>", "connections at each port; more are closed at once (default: 10000)")
    .option("--idle-timeout <duration>", "close a connection that has no call for so long; 0s: never (default: 1h)");
}

export function connectionOptionsOf({
  maxHeaders: maxHeaderBytes,
  maxConnections,
  idleTimeout: idleMs,
}: ConnectionSettings): Pick<RecorderOptions, "maxHeaderBytes" | "maxConnections" | "idleMs"> {
  return { maxHeaderBytes, maxConnections, idleMs };
}
