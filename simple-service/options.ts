import { parseArgs } from "node:util";
import { allEndpoints } from "./endpoints/index.js";
import { Refusal } from "./refusal.js";

/** How the service was asked to run. */
export interface Options {
  host: string;
  port: number;
  name: string;
  behaveFile: string | undefined;
  peers: ReadonlyMap<string, URL>;
  /** Stops when stdin ends, so that it never outlives the process that started it. */
  stopWithStdin: boolean;
}

const flags = {
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "0" },
  name: { type: "string", default: "simple-service" },
  behave: { type: "string" },
  peer: { type: "string", multiple: true, default: [] as string[] },
  "stop-with-stdin": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

export const helpText = `simple-service: a service with known behaviour, and known versions of itself

  --port N             port to listen on; 0 takes a free one (0)
  --host ADDRESS       address to listen on (127.0.0.1)
  --name NAME          what it calls itself in its answers (simple-service)
  --behave FILE        YAML or JSON that gives this version its routes and changes (docs/simple-service.md)
  --peer NAME=URL      where calls to NAME go; may be repeated
  --stop-with-stdin    stop when stdin ends

${allEndpoints.map((endpoint) => `  ${endpoint.path.padEnd(20)} ${endpoint.explain}`).join("\n")}
`;

/** From the command line; "help" when that was asked for. Throws a Refusal that names the flag. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const { values } = readFlags(args);
  if (values.help) return "help";
  return {
    host: values.host,
    port: parsePort(values.port),
    name: values.name,
    behaveFile: values.behave,
    peers: new Map(values.peer.map(parsePeer)),
    stopWithStdin: values["stop-with-stdin"],
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags });
  } catch (thrown) {
    throw new Refusal((thrown as Error).message);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Refusal(`--port ${text}: must be 0 to 65535`);
  return port;
}

function parsePeer(text: string): [string, URL] {
  const at = text.indexOf("=");
  const url = at > 0 && URL.canParse(text.slice(at + 1)) ? new URL(text.slice(at + 1)) : undefined;
  if (url?.protocol !== "http:") throw new Refusal(`--peer ${text}: must be NAME=http://HOST:PORT`);
  return [text.slice(0, at), url];
}
