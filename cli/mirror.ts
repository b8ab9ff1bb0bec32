import { Command } from "commander";
import { mirrorOff } from "../mesh/index.js";
import type { Io } from "./io.js";
import { offCommand } from "./mesh/off.js";
import { mirrorOnCommand } from "./mirror/on.js";
import { mirrorStatusCommand } from "./mirror/status.js";

const off = { of: "mirror", service: "name of the Service", example: "reviews -n shop", putBack: mirrorOff } as const;

/** `tapeloop mirror`: what passes a service, to a recorder, by the mesh's own means; always to be put back. */
export function mirrorCommand(io: Io): Command {
  return new Command("mirror")
    .description("have the mesh send a recorder copies of a service's requests, or tell it of requests and answers")
    .addCommand(mirrorOnCommand(io))
    .addCommand(offCommand(off, io))
    .addCommand(mirrorStatusCommand(io));
}
