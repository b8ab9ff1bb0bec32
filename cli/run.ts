import { Command, CommanderError } from "commander";
import { OperatorError, reasonOf, withoutUrlSecrets } from "../base/index.js";
import type { ExitCode, Io } from "./io.js";
import { version } from "./version.js";

/** Runs one command line and gives its exit code. Never throws. */
export async function runCommandLine(words: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  try {
    const program = await commandTree(words[0], io, (code) => {
      exitCode = code;
    });
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (thrown) {
    return exitCodeFor(thrown, io);
  }
}

type MakeCommand = (io: Io, finish: (code: ExitCode) => void) => Command;

/** All words of the command line; adding a word is adding a file and a line here. */
const commands: Record<string, () => Promise<MakeCommand>> = {
  record: async () => (await import("./record.js")).recordCommand,
  tape: async () => (await import("./tape.js")).tapeCommand,
  replay: async () => (await import("./replay.js")).replayCommand,
  worker: async () => (await import("./worker.js")).workerCommand,
  shrink: async () => (await import("./shrink.js")).shrinkCommand,
  stub: async () => (await import("./stub.js")).stubCommand,
  diff: async () => (await import("./diff.js")).diffCommand,
  report: async () => (await import("./report.js")).reportCommand,
  doctor: async () => (await import("./doctor.js")).doctorCommand,
  mirror: async () => (await import("./mirror.js")).mirrorCommand,
  fault: async () => (await import("./fault.js")).faultCommand,
  experiment: async () => (await import("./experiment.js")).experimentCommand,
  restore: async () => (await import("./restore.js")).restoreCommand,
  chaos: async () => (await import("./chaos.js")).chaosCommand,
  demo: async () => (await import("./demo.js")).demoCommand,
};

/** Loads the command that is asked for, and all of them where that is not known: for help, and for typing errors. */
async function commandTree(word: string | undefined, io: Io, finish: (code: ExitCode) => void): Promise<Command> {
  const program = new Command("tapeloop")
    .description("Record the traffic of a service mesh, replay it in order against a new version, say what changed.")
    .version(version);
  const asked = word !== undefined && Object.hasOwn(commands, word) ? [commands[word]!] : Object.values(commands);
  for (const load of asked) program.addCommand((await load())(io, finish));
  return quieted(program, io);
}

/** Commander's own messages go through `io`, and its exits become exceptions. */
function quieted(command: Command, io: Io): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    outputError: (text, write) => write(`tapeloop: ${lineOf(text.trim().replace(/^error: /, ""))}; see --help\n`),
  });
  for (const child of command.commands) quieted(child, io);
  return command;
}

function exitCodeFor(thrown: unknown, io: Io): ExitCode {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  if (thrown instanceof OperatorError) {
    io.stderr.write(`tapeloop: ${lineOf(thrown)}\n`);
    return thrown.exitCode;
  }
  const details = io.env.TAPELOOP_DEBUG && thrown instanceof Error ? `\n${thrown.stack}` : "";
  io.stderr.write(`tapeloop: a bug of ours: ${lineOf(thrown)} (TAPELOOP_DEBUG=1 shows where)${details}\n`);
  return 3;
}

/** Lines end up in the logs of pipelines, which more people read than know the secret. */
function lineOf(thrown: unknown): string {
  return withoutUrlSecrets(reasonOf(thrown));
}
