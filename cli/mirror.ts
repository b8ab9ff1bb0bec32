import { Command } from "commander";
import type { Io } from "./io.js";
import { mirrorOffCommand } from "./mirror/off.js";
import { mirrorOnCommand } from "./mirror/on.js";
import { mirrorStatusCommand } from "./mirror/status.js";

/** `tapeloop mirror`: what passes a service, to a recorder, by the mesh's own means; always to be put back. */
export function mirrorCommand(io: Io): Command {
  return new Command("mirror")
    .description("have the mesh send a recorder copies of a service's requests, or tell it of requests and answers")
    .addCommand(mirrorOnCommand(io))
    .addCommand(mirrorOffCommand(io))
    .addCommand(mirrorStatusCommand(io));
}
