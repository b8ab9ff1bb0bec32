import type { Command } from "commander";
import type { RecorderOptions } from "../../recorder/index.js";
import { durationSetting } from "../settings.js";

/** How it ends. */
export const drainSettings = {
  drainDelay: durationSetting.prefault("0s"),
  drainTimeout: durationSetting.prefault("10s"),
};

interface DrainSettings {
  drainDelay: number;
  drainTimeout: number;
}

export function addDrainOptions(command: Command): Command {
  return command
    .option(
      "--drain-delay <duration>",
      "after SIGTERM: take calls for so long while /readyz says 503, until nobody sends any (default: 0s)",
    )
    .option("--drain-timeout <duration>", "then wait so long for calls in flight (default: 10s)");
}

export function drainOptionsOf({
  drainDelay: drainDelayMs,
  drainTimeout: drainMs,
}: DrainSettings): Pick<RecorderOptions, "drainDelayMs" | "drainMs"> {
  return { drainDelayMs, drainMs };
}
