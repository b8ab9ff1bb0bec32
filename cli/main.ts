#!/usr/bin/env node
import { argv, cwd, exit, stderr, stdout } from "node:process";
import { environment, reasonOf } from "../base/index.js";
import type { Io } from "./io.js";
import { runCommandLine } from "./run.js";

/** The first SIGINT or SIGTERM asks for a clean end; a second one ends at once. */
function untilSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => (controller.signal.aborted ? exit(130) : controller.abort(name)));
  }
  return controller.signal;
}

// A reader that went away (`tapeloop tape ls | head`) is no error of ours; a disk that is full is to be told.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") exit(0);
  stderr.write(`tapeloop: cannot write to stdout: ${reasonOf(error)}\n`);
  exit(2);
});
stderr.on("error", () => {}); // there is nowhere to say it

const io: Io = { stdout, stderr, env: environment(), folder: cwd(), signal: untilSignal() };
process.exitCode = await runCommandLine(argv.slice(2), io);
