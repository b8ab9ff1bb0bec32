import { Command } from "commander";
import { z } from "zod";
import { defined } from "../../base/index.js";
import { type ListedLinks, listLinks } from "../../replayer/index.js";
import { openTape, parseWhere } from "../../tape/index.js";
import type { Io } from "../io.js";
import { readLinkRules } from "../replay/carry.js";
import { flagSetting, readSettings } from "../settings.js";

const linksSettings = z.strictObject({
  json: flagSetting.prefault(false),
  entry: flagSetting.prefault(false),
  service: z.string().optional(),
  where: z.string().optional(),
  links: z.string().min(1).optional(),
});

/** `tapeloop tape links`: which values of requests earlier answers gave. */
export function linksCommand(io: Io): Command {
  return new Command("links")
    .description("list which values of requests earlier answers gave: what a replay carries")
    .argument("<tape...>", "files or folders")
    .option("--entry", "only calls from outside")
    .option("--service <name>", "only the calls this service received")
    .option("--where <condition>", "only these, such as 'path ^= \"/orders\"'")
    .option("--links <file>", "YAML that adds to or takes from what is learnt")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ tapeloop tape links tape/ --entry")
    .action(async (paths: string[], _options, command: Command) => {
      const { json, entry, service, where, links: file } = readSettings(command, "links", linksSettings, io);
      const rules = file === undefined ? undefined : readLinkRules(file);
      const tape = await openTape(paths);
      try {
        const chosen = defined({ ...(where === undefined ? {} : parseWhere(where)), entry, service, text: "" });
        const { links, warnings } = await listLinks(tape, chosen, rules);
        for (const warning of warnings) io.stderr.write(`${warning}\n`);
        io.stdout.write(json ? `${JSON.stringify({ links }, null, 2)}\n` : linksText(links));
      } finally {
        await tape.close();
      }
    });
}

const inWords = { certain: "certain", likely: "likely", named: "by name" } as const;

function linksText(links: readonly ListedLinks[]): string {
  if (links.length === 0) return "no links: no request holds a value that an earlier answer gave\n";
  const total = links.reduce((sum, { count }) => sum + count, 0);
  const blocks = links.map(({ from, to, count, surety, examples }) => {
    const shown = examples.map(({ producer, consumer }) => `#${producer} → #${consumer}`).join(", ");
    const ends = [from, to].map(({ hop, route, place }) => `${hop}  ${route}  ${place}`.replace(/\p{Cc}/gu, "·"));
    return `${ends[0]}\n  → ${ends[1]}\n    ${count} ×, ${inWords[surety]}; ${shown}\n`;
  });
  return `${blocks.join("")}\n${links.length} kinds of links, ${total} values\n`;
}
