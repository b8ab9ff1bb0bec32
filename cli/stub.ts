import { Command } from "commander";
import { z } from "zod";
import { systemClock } from "../base/index.js";
import { openStub, type Stub } from "../replayer/index.js";
import { openTape, type StubMiss } from "../tape/index.js";
import type { ExitCode, Io } from "./io.js";
import { type IsolateSettings, isolateSettings, stubOptions } from "./replay/isolate.js";
import { flagSetting, readSettings } from "./settings.js";
import { stubSummaryText, stubText } from "./stub/view.js";

const { stubListen, stubTiming, stubFailures } = isolateSettings;
const stubSettings = z.strictObject({
  service: z.string().min(1),
  listen: stubListen,
  timing: stubTiming,
  failures: stubFailures,
  json: flagSetting.prefault(false),
});
type StubSettings = z.output<typeof stubSettings>;

const example = `
Example:
  $ tapeloop stub tape/ --service reviews --listen 127.0.0.1:19080
      prints where ratings is answered now; point reviews there and start it`;

/** `tapeloop stub`: answers what a service calls until SIGINT or SIGTERM; ends with 0. */
export function stubCommand(io: Io, finish: (code: ExitCode) => void): Command {
  return new Command("stub")
    .description("answer what a service calls from a tape, so that it runs without the services it needs")
    .argument("<tape...>", "files or folders, read as one tape")
    .option("--service <name>", "the service whose calls are answered")
    .option("--listen <host:port>", "this port takes any host, those after it one each (default: 127.0.0.1:19080)")
    .option("--timing <how>", "none: at once; recorded: as long after the request as it was (default: none)")
    .option("--failures <how>", "recorded: break off as it was; missed: an error of the stub (default: recorded)")
    .option("--json", "say where it stands, and in the end what it did, as a line of JSON each")
    .addHelpText("after", example)
    .action(async (paths: string[], _options, command: Command) => {
      await runStub(paths, readSettings(command, "stub", stubSettings, io), io);
      finish(0);
    });
}

async function runStub(paths: readonly string[], settings: StubSettings, io: Io): Promise<void> {
  const tape = await openTape(paths);
  try {
    const onMiss = (miss: Omit<StubMiss, "count">) => sayMiss(miss, settings, io);
    const stub = await openStub(stubOptions(settings.service, optionsOf(settings)), {
      tape,
      clock: systemClock(),
      onMiss,
    });
    try {
      sayReady(stub, settings, io);
      await ended(io.signal);
    } finally {
      await stub.close();
    }
    const summary = stub.summary();
    io.stdout.write(settings.json ? `${JSON.stringify(summary)}\n` : stubSummaryText(summary));
  } finally {
    await tape.close();
  }
}

function optionsOf({ service, listen, timing, failures }: StubSettings): IsolateSettings {
  return { isolate: service, stubListen: listen, stubTiming: timing, stubFailures: failures };
}

function sayReady(stub: Stub, { service, json }: StubSettings, io: Io): void {
  const { address, hosts } = stub;
  io.stdout.write(json ? `${JSON.stringify({ ready: true, listen: address, hosts })}\n` : stubText(service, stub));
}

function sayMiss({ callee, example: call, why }: Omit<StubMiss, "count">, { json }: StubSettings, io: Io): void {
  if (!json) io.stderr.write(`missed: ${call} to ${callee}: ${why}\n`);
}

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
