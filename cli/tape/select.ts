import { Command } from "commander";
import { z } from "zod";
import { defined, OperatorError } from "../../base/index.js";
import {
  type Cover,
  excerptTape,
  type OpenApiCoverage,
  openApiCoverage,
  openTape,
  type Pin,
  parseWhere,
  pinsPathOf,
  readCover,
  readOpenApi,
  readPins,
  type TapeReader,
  writePins,
} from "../../tape/index.js";
import type { Io } from "../io.js";
import { flagSetting, idsSetting, readSettings } from "../settings.js";
import { coverText, openApiText } from "./select/view.js";

const selectSettings = z
  .strictObject({
    cover: flagSetting.prefault(false),
    where: z.string().optional(),
    entry: flagSetting.prefault(false),
    service: z.string().optional(),
    out: z.string().min(1).optional(),
    pin: idsSetting.prefault([]),
    unpin: idsSetting.prefault([]),
    pins: z.string().min(1).optional(),
    openapi: z.string().min(1).optional(),
    json: flagSetting.prefault(false),
  })
  .refine(({ cover, pin, unpin, openapi }) => cover || pin.length > 0 || unpin.length > 0 || openapi !== undefined, {
    path: ["cover"],
    message: "say what to do: --cover, --pin, --unpin or --openapi",
  })
  .refine(({ cover, out }) => cover || out === undefined, {
    path: ["out"],
    message: "goes with --cover: it is the calls chosen there that are written",
  });
type SelectSettings = z.output<typeof selectSettings>;

const examples = `
Examples:
  $ tapeloop tape select tape/ --cover > ids.txt
      a small set of calls with every route, status and shape of answer; replay it with --select ids.txt
  $ tapeloop tape select tape/ --pin 17 42
      from now on these two are in every selection
  $ tapeloop tape select tape/ --openapi api.yaml --service reviews
      what the file promises and the tape never met, and the other way round`;

/** `tapeloop tape select`: the calls worth replaying each time. */
export function selectCommand(io: Io): Command {
  return new Command("select")
    .description("choose few calls that have all that a tape has; pin good cases; compare with an OpenAPI file")
    .argument("<tape...>", "files or folders")
    .option("--cover", "print the ids of a small set that covers route × method × status × shape of the answer")
    .option("--where <condition>", "choose from these alone, such as 'method = GET'; pins come in all the same")
    .option("--entry", "choose from calls from outside alone")
    .option("--service <name>", "choose from what this service received alone")
    .option("--out <path>", "write what --cover chose as a tape of its own; ids stay")
    .option("--pin <id...>", "put these in every selection from now on")
    .option("--unpin <id...>", "and these no more")
    .option("--pins <file>", "where pins are kept (default: pins.json beside the tape)")
    .option("--openapi <file>", "list what this OpenAPI 3 file has and the tape never met, and what the file lacks")
    .option("--json", "as JSON")
    .addHelpText("after", examples)
    .action(async (paths: string[], _options, command: Command) => {
      const settings = readSettings(command, "select", selectSettings, io);
      const tape = await openTape(paths);
      try {
        await select(tape, paths, settings, io);
      } finally {
        await tape.close();
      }
    });
}

async function select(tape: TapeReader, paths: readonly string[], settings: SelectSettings, io: Io): Promise<void> {
  const pins = await changePins(tape, settings.pins ?? pinsPathOf(paths[0]!), settings);
  const cover = settings.cover ? await coverOf(tape, pins, settings) : undefined;
  const openapi = settings.openapi === undefined ? undefined : await openApiOf(tape, settings.openapi, settings);
  if (cover !== undefined) sayMissing(cover, io);
  if (cover !== undefined && settings.out !== undefined) {
    await excerptTape({ paths, out: settings.out, ids: cover.calls.map((call) => call.id) });
  }
  if (settings.json) io.stdout.write(`${JSON.stringify(defined({ pins, cover, openapi }))}\n`);
  else {
    if (cover !== undefined) io.stdout.write(coverText(cover, settings.out));
    if (openapi !== undefined) io.stdout.write(openApiText(openapi, settings.openapi!));
    if (cover === undefined && openapi === undefined) {
      io.stdout.write(pins.map((pin) => `${pin.id}  ${pin.call}\n`).join("") || "no pins\n");
    }
  }
}

async function coverOf(tape: TapeReader, pins: readonly Pin[], settings: SelectSettings): Promise<Cover> {
  const { where, entry, service } = settings;
  const which = where === undefined ? undefined : parseWhere(where);
  return readCover(tape, defined({ which, entry, service, pins: pins.map((pin) => pin.id) }));
}

async function openApiOf(tape: TapeReader, path: string, { service }: SelectSettings): Promise<OpenApiCoverage> {
  return openApiCoverage(tape, readOpenApi(path), defined({ service }));
}

/** The pins there are now; the file is written only when that is something else than before. */
async function changePins(tape: TapeReader, path: string, { pin, unpin }: SelectSettings): Promise<Pin[]> {
  const before = readPins(path);
  if (pin.length === 0 && unpin.length === 0) return before;
  const known = new Set(before.map((one) => one.id));
  const unknown = unpin.filter((one) => !known.has(one));
  if (unknown.length > 0) {
    throw new OperatorError(`cannot unpin ${unknown.join(", ")}: ${path} has no such pin`);
  }
  const added = await Promise.all(pin.map((one) => pinOf(tape, one)));
  const after = [...before.filter((one) => !unpin.includes(one.id)), ...added];
  writePins(path, after);
  return readPins(path);
}

async function pinOf(tape: TapeReader, pinned: number): Promise<Pin> {
  const exchange = await tape.find(pinned);
  if (exchange === undefined) {
    throw new OperatorError(
      `cannot pin ${pinned}: the tape has no Exchange with that id; \`tapeloop tape ls\` lists them`,
    );
  }
  const { request, answer } = exchange;
  const status = "status" in answer ? ` ${answer.status}` : "";
  return { id: pinned, call: `${request.method} ${request.path}${status}` };
}

function sayMissing({ missingPins }: Cover, io: Io): void {
  if (missingPins.length === 0) return;
  io.stderr.write(`tapeloop: pinned and not on this tape: ${missingPins.join(", ")}; --unpin takes them out\n`);
}
