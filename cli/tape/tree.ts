import { Command } from "commander";
import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import {
  comparableRequestId,
  type ExchangeHead,
  type Hop,
  type HopTree,
  openTape,
  parseWhere,
  readTrees,
  type TapeReader,
} from "../../tape/index.js";
import { type Io, wantsColor, widthOf } from "../io.js";
import { countSetting, flagSetting, readSettings } from "../settings.js";
import { legend, treeJson, treeText } from "./tree-view.js";

const treeSettings = z.strictObject({
  json: flagSetting.prefault(false),
  trace: z.string().min(1).optional(),
  id: z.coerce.number().int().positive().optional(),
  where: z.string().optional(),
  limit: countSetting.default(20),
});
type TreeSettings = z.output<typeof treeSettings>;

/** `tapeloop tape tree`: draws who called whom. */
export function treeCommand(io: Io): Command {
  return new Command("tree")
    .description("draw the calls of user requests as trees: who called whom, when, and how sure that is")
    .argument("<tape...>", "files or folders")
    .option("--trace <id>", "the one with this trace id or request id")
    .option("--id <n>", "the one that this Exchange is in")
    .option("--where <condition>", "those with an Exchange like this, such as 'status >= 500'")
    .option("--limit <n>", "at most so many (default: 20)")
    .option("--json", "one JSON object a line")
    .addHelpText("after", "\nExample:\n  $ tapeloop tape tree tape/ --where 'status = 5xx' --limit 3")
    .action(async (paths: string[], _options, command: Command) => {
      const settings = readSettings(command, "tree", treeSettings, io);
      const tape = await openTape(paths);
      try {
        await draw(tape, settings, io);
      } finally {
        await tape.close();
      }
    });
}

async function draw(tape: TapeReader, settings: TreeSettings, io: Io): Promise<void> {
  const isWanted = await choice(tape, settings);
  const view = { width: io.stdout.isTTY ? widthOf(io) : Number.POSITIVE_INFINITY, color: wantsColor(io) };
  let drawn = 0;
  for await (const tree of readTrees(tape)) {
    if (io.signal.aborted) return;
    if (!sightingsIn(tree).some(isWanted)) continue;
    if (drawn === settings.limit) {
      if (!settings.json) io.stdout.write(`there are more; --limit ${settings.limit * 2} draws more of them\n`);
      break;
    }
    drawn++;
    io.stdout.write(settings.json ? `${JSON.stringify(treeJson(tree))}\n` : `${treeText(tree, view)}\n`);
  }
  if (drawn === 0) refuse(settings);
  if (!settings.json) io.stdout.write(`${legend(view)}\n`);
}

function refuse({ trace, id, where }: TreeSettings): never {
  const asked = [trace && `trace ${trace}`, id && `Exchange ${id}`, where && `where ${where}`]
    .filter(Boolean)
    .join(", ");
  throw new OperatorError(
    `cannot draw a tree: ${asked ? `nothing on the tape is of ${asked}` : "the tape holds no Exchange"}; \`tapeloop tape ls\` lists what is there`,
  );
}

/** All conditions together. */
async function choice(tape: TapeReader, settings: TreeSettings): Promise<(head: ExchangeHead) => boolean> {
  const { id, trace, where } = settings;
  const { where: byHead, whereWhole } = where === undefined ? {} : parseWhere(where);
  const ids = whereWhole === undefined ? undefined : new Set<number>();
  if (ids !== undefined) {
    const which = byHead === undefined ? { whereWhole: whereWhole! } : { where: byHead, whereWhole: whereWhole! };
    for await (const exchange of tape.read(which)) ids.add(exchange.id);
  }
  return (head) =>
    (id === undefined || head.id === id) &&
    (trace === undefined || isOfTrace(head, trace)) &&
    (ids === undefined ? byHead === undefined || byHead(head) : ids.has(head.id));
}

function isOfTrace({ trace }: ExchangeHead, asked: string): boolean {
  if (trace.traceId === asked.toLowerCase()) return true;
  return trace.requestId !== undefined && comparableRequestId(trace.requestId) === comparableRequestId(asked);
}

function sightingsIn({ roots }: HopTree): ExchangeHead[] {
  const below = (hop: Hop): ExchangeHead[] => [...hop.call.sightings, ...hop.children.flatMap(below)];
  return roots.flatMap(below);
}
