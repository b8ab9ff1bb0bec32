import { openAccessLogDoor } from "../access-log/access-log-door.js";
import { openExtProcDoor } from "../ext-proc/ext-proc-door.js";
import { inboundMode } from "../inbound/inbound.js";
import { mirrorMode } from "../mirror/mirror.js";
import type { Mode } from "../mode.js";
import type { RecorderSettings } from "../options.js";
import { outboundMode } from "../outbound/outbound.js";
import type { DoorParts, PlannedDoor } from "./door.js";
import { openHttpDoor } from "./http-door.js";

/** The doors that the settings ask for. The first is the one that `listen` and `mode` speak of. */
export function planDoors(settings: RecorderSettings): PlannedDoor[] {
  return [firstDoor(settings), ...outboundDoor(settings), ...accessLogDoor(settings)];
}

function firstDoor(settings: RecorderSettings): PlannedDoor {
  const { listen, mode: vantage, sniffMs, tls } = settings;
  if (vantage === "ext-proc") return { name: "listen", open: (parts) => openExtProcDoor(settings, parts) };
  const mode = firstMode(settings, vantage);
  const options = { listen, vantage, tls, sniffMs, limits: settings, mode };
  return { name: "listen", open: (parts) => openHttpDoor(options, parts) };
}

type ModeFor = (parts: DoorParts, ownAddress: () => string | undefined) => Mode;

function firstMode(settings: RecorderSettings, name: Exclude<RecorderSettings["mode"], "ext-proc">): ModeFor {
  switch (name) {
    case "mirror":
      return ({ clock }) => mirrorMode(clock);
    case "inbound":
      return ({ clock }) => inboundMode(settings.upstream!, settings.maxHeaderBytes, clock);
    case "outbound":
      return outboundFor(settings);
  }
}

function outboundFor(settings: RecorderSettings): ModeFor {
  const routes = settings.outbound?.routes ?? { routes: [] };
  return (parts, ownAddress) => outboundMode(routes, settings, parts, ownAddress);
}

function outboundDoor(settings: RecorderSettings): PlannedDoor[] {
  const { outbound, sniffMs } = settings;
  if (outbound?.listen === undefined) return [];
  const vantage = "outbound" as const;
  const options = { listen: outbound.listen, vantage, sniffMs, limits: settings, mode: outboundFor(settings) };
  return [{ name: "outbound", open: (parts) => openHttpDoor(options, parts) }];
}

function accessLogDoor(settings: RecorderSettings): PlannedDoor[] {
  const { accessLog } = settings;
  if (accessLog === undefined) return [];
  return [{ name: "accessLog", open: (parts) => openAccessLogDoor({ ...settings, ...accessLog }, parts) }];
}
