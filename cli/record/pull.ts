import type { Command } from "commander";
import { z } from "zod";
import type { RecorderOptions } from "../../recorder/index.js";
import { tapePlace } from "../../tape/index.js";

/** Settings of pulling the tape over the admin port. */
export const pullSettings = {
  adminToken: z.string().min(8, "must have at least 8 characters").optional(),
};

export function addPullOptions(command: Command): Command {
  return command.option(
    "--admin-token <token>",
    "who pulls the tape over --admin must know this; needed off loopback (better as TAPELOOP_ADMIN_TOKEN)",
  );
}

/** What the recorder needs to know to let its tape be pulled. */
export function pullOptionsOf(settings: {
  tape: string;
  adminToken?: string | undefined;
}): Pick<RecorderOptions, "pull"> {
  const { kind, path } = tapePlace(settings.tape);
  return {
    pull: {
      ...(kind === "folder" ? { folder: path } : {}),
      ...(settings.adminToken === undefined ? {} : { token: settings.adminToken }),
    },
  };
}
