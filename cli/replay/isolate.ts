import type { Command } from "commander";
import { z } from "zod";
import { systemClock } from "../../base/index.js";
import { openStub, type Stub } from "../../replayer/index.js";
import type { TapeReader } from "../../tape/index.js";
import type { Io } from "../io.js";
import { addressSetting } from "../settings.js";
import { stubText } from "../stub/view.js";

/** Settings of `replay` about a service that is replayed alone. */
export const isolateSettings = {
  isolate: z.string().min(1).optional(),
  stubListen: addressSetting.default("127.0.0.1:19080"),
  stubTiming: z.enum(["none", "recorded"]).default("none"),
  stubFailures: z.enum(["recorded", "missed"]).default("recorded"),
};
const shape = z.object(isolateSettings);
export type IsolateSettings = z.output<typeof shape>;

export function addIsolateOptions(command: Command): Command {
  return command
    .option("--isolate <service>", "answer what this service calls from the tape; it is not told to anybody live")
    .option(
      "--stub-listen <host:port>",
      "where: this port takes any host, those after it one each (default: 127.0.0.1:19080)",
    )
    .option("--stub-timing <how>", "none: at once; recorded: as long after the request as it was (default: none)")
    .option("--stub-failures <how>", "recorded: break off as it was; missed: an error of the stub (default: recorded)");
}

/** Opens the stub that is asked for, and says on stderr where it stands. Closed by who asked. */
export async function openIsolation(settings: IsolateSettings, tape: TapeReader, io: Io): Promise<Stub | undefined> {
  if (settings.isolate === undefined) return undefined;
  const stub = await openStub(stubOptions(settings.isolate, settings), { tape, clock: systemClock() });
  io.stderr.write(stubText(settings.isolate, stub));
  return stub;
}

/** What the room takes. */
export function stubOptions(service: string, settings: IsolateSettings): Parameters<typeof openStub>[0] {
  const { stubListen, stubTiming: timing, stubFailures: failures } = settings;
  const colon = stubListen.lastIndexOf(":");
  const host = stubListen.slice(0, colon).replace(/^\[|\]$/g, "");
  return { service, host, port: Number(stubListen.slice(colon + 1)), timing, failures };
}
