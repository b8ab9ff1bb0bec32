import type { Command } from "commander";
import type { RecorderOptions } from "../../recorder/index.js";
import { addressSetting } from "../settings.js";

/** How mirrored calls were answered. */
export const accessLogSettings = { accessLog: addressSetting.optional() };

export function addAccessLogOptions(command: Command): Command {
  return command.option(
    "--access-log <host:port>",
    "mirror: take Envoy's gRPC access log here, so that mirrored requests learn their status",
  );
}

export function accessLogOptionsOf({
  accessLog,
}: {
  accessLog?: string | undefined;
}): Pick<RecorderOptions, "accessLog"> {
  return accessLog === undefined ? {} : { accessLog: { listen: accessLog } };
}
