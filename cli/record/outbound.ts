import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError, reasonOf } from "../../base/index.js";
import {
  type OutboundOptions,
  type OutboundRoutes,
  parseOutboundRoutes,
  type UpstreamTls,
} from "../../recorder/index.js";
import { addressSetting, flagSetting } from "../settings.js";
import { readUpstreamTls } from "./tls.js";

/** Calls that the service makes. */
export const outboundSettings = {
  outbound: addressSetting.optional(),
  outboundRoutes: z.string().min(1).optional(),
  allowRemoteClients: flagSetting.prefault(false),
};

export interface OutboundSettings {
  outbound?: string | undefined;
  outboundRoutes?: string | undefined;
  allowRemoteClients: boolean;
}

export function addOutboundOptions(command: Command): Command {
  return command
    .option("--outbound <host:port>", "take the calls the service makes here, beside another mode")
    .option("--outbound-routes <file>", "outbound: YAML that says where each host's calls go (default: as a proxy)")
    .option(
      "--allow-remote-clients",
      "outbound: take calls from other machines; the routes' allow list is needed then",
    );
}

/** Throws an OperatorError that names the file and the place in it. */
export function outboundOptionsOf(settings: OutboundSettings): OutboundOptions {
  const { outbound, outboundRoutes, allowRemoteClients } = settings;
  const routes = outboundRoutes === undefined ? undefined : readRoutes(outboundRoutes);
  return defined({ listen: outbound, routes, allowRemoteClients });
}

function readRoutes(file: string): OutboundRoutes {
  const readTls = ({ ca, cert, key, serverName }: UpstreamTls) =>
    readUpstreamTls(
      defined({ ca: beside(file, ca), cert: beside(file, cert), key: beside(file, key), serverName }),
      "tls",
    );
  return parseOutboundRoutes(readText(file), file, readTls);
}

/** Names in the file are relative to it. */
function beside(file: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : resolve(dirname(file), name);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new OperatorError(`--outbound-routes ${file}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
