import type { AddressInfo } from "node:net";
import { Command } from "commander";
import { z } from "zod";
import type { Io } from "./io.js";
import { readSettings } from "./settings.js";
import { aloneMs } from "./worker/protocol.js";
import { quitSidecar } from "./worker/quit-sidecar.js";
import { runHere } from "./worker/run-here.js";
import { workerServer } from "./worker/server.js";

const workerSettings = z.strictObject({
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  folder: z.string().min(1),
  secrets: z.string().min(1),
});

/** `tapeloop worker`: one replay, asked for over loopback; what a Job of `replay -n` runs. Ends with 0 when it was fetched. */
export function workerCommand(io: Io): Command {
  return new Command("worker")
    .description("send a tape for another tapeloop, which is connected over loopback: what a Job of `replay -n` runs")
    .option("--folder <dir>", "for the tape and the run file")
    .option("--secrets <dir>", "for files that may hold secrets; best in memory")
    .option("--port <n>", "listens on 127.0.0.1 alone (default: a free one)")
    .addHelpText("after", "\nExample:\n  $ tapeloop worker --port 18890 --folder /work --secrets /secrets")
    .action(async (_options, command: Command) => {
      await work(readSettings(command, "worker", workerSettings, io), io);
    });
}

async function work({ port, folder, secrets }: z.output<typeof workerSettings>, io: Io): Promise<void> {
  const over = new AbortController();
  const server = workerServer({
    folders: { work: folder, secrets },
    run: async (request, tell, hops, signal) => {
      io.stdout.write(`${JSON.stringify({ sending: request.run })}\n`);
      await runHere(request, folder, tell, hops, AbortSignal.any([signal, over.signal]));
      io.stdout.write(`${JSON.stringify({ over: request.run })}\n`);
    },
    quit: () => over.abort(),
  });
  let timer: NodeJS.Timeout | undefined;
  let connected = 0;
  const wait = () => {
    if (connected === 0) timer = setTimeout(() => over.abort(), aloneMs);
  };
  server.on("connection", (socket) => {
    connected++;
    clearTimeout(timer);
    socket.on("close", () => {
      connected--;
      wait();
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  wait();
  io.stdout.write(
    `${JSON.stringify({ ready: true, listen: `127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`,
  );
  await until(AbortSignal.any([over.signal, io.signal]));
  over.abort();
  clearTimeout(timer);
  server.close();
  server.closeAllConnections();
  await quitSidecar();
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
