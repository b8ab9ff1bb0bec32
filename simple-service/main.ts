#!/usr/bin/env node
import { readBehaviour } from "./behave/read.js";
import { helpText, type Options, parseOptions } from "./options.js";
import { openPeers } from "./peers.js";
import { Refusal } from "./refusal.js";
import { type RunningService, serve } from "./serve.js";

/** Starts the service, says where it listens in one JSON line, and stops at SIGTERM, SIGINT or the end of stdin. */
async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === "help") return void process.stdout.write(helpText);
  const behaviour = options.behaveFile === undefined ? undefined : readBehaviour(options.behaveFile);
  const service = { name: options.name, peers: openPeers(options.peers), behaviour, counts: new Map() };
  const running = await serve(service, options).catch((error: Error) => {
    throw new Refusal(`cannot listen on ${options.host}:${options.port}: ${error.message}`);
  });
  stopWhenAsked(running, options);
  process.stdout.write(`${JSON.stringify({ ready: true, listen: running.listen })}\n`);
}

function stopWhenAsked(running: RunningService, options: Options): void {
  const stop = () => void running.stop().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  if (options.stopWithStdin) process.stdin.on("end", stop).on("error", stop).resume();
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  if (!(thrown instanceof Refusal)) throw thrown;
  process.stderr.write(`simple-service: ${thrown.message}\n`);
  process.exitCode = 2;
});
