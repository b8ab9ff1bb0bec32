import { type Command, Option } from "commander";
import { stringify } from "yaml";
import { z } from "zod";
import { OperatorError } from "../../base/index.js";
import { type EnvoyTells, envoyConfigFor, envoyTells, istioConfigFor, istioContexts } from "../../recorder/index.js";
import type { Io } from "../io.js";
import { addressSetting, readSettings } from "../settings.js";

/** So that the flags belong to the settings of `record`, which has no use for them while it records. */
export const printSettings = {
  printEnvoyFilter: z.union([z.literal(true), z.enum(envoyTells)]).optional(),
  format: z.enum(["istio", "envoy"]).optional(),
  recorderAddress: addressSetting.optional(),
  filterContext: z.enum(istioContexts).optional(),
  filterNamespace: z.string().min(1).optional(),
  filterLabels: z.string().min(1).optional(),
};

const settingsSchema = z.object(printSettings);
type PrintSettings = z.output<typeof settingsSchema>;

export function addPrintOptions(command: Command): Command {
  const print = new Option(
    "--print-envoy-filter [what]",
    "print what makes Envoy tell the recorder (ext-proc, or access-log beside a mirror), or what keeps a mirror from losing copies (mirror), and end",
  );
  // Nothing is recorded then, so the flags that recording cannot do without are not asked for.
  return command
    .addOption(print.implies({ listen: "", tape: "" }))
    .option("--format <format>", "with --print-envoy-filter: istio or envoy (default: istio)")
    .option("--recorder-address <host:port>", "with --print-envoy-filter: where proxies reach the recorder")
    .option(
      "--filter-context <context>",
      "for Istio: inbound, outbound or gateway (default: inbound; access-log and mirror: outbound)",
    )
    .option("--filter-namespace <name>", "for Istio: namespace of the workloads (default: default)")
    .option(
      "--filter-labels <labels>",
      "for Istio: labels of the workloads, such as app=reviews,version=v1 (default: all)",
    );
}

/** Prints, when that was asked for. */
export function printedEnvoyFilter(command: Command, io: Io): boolean {
  if (command.opts().printEnvoyFilter === undefined) return false;
  const settings = readSettings(command, "record", settingsSchema, io);
  io.stdout.write(settings.format === "envoy" ? envoyText(settings) : istioText(settings));
  return true;
}

function istioText(settings: PrintSettings): string {
  const options = {
    ...targetOf(settings, `tapeloop-recorder.tapeloop.svc.cluster.local:${usualPort(settings)}`),
    context: settings.filterContext ?? (tellsOf(settings) === "ext-proc" ? "inbound" : "outbound"),
    namespace: settings.filterNamespace ?? "default",
    labels: labelsOf(settings.filterLabels),
  };
  const documents = istioConfigFor(options).map((document) => stringify(document, { lineWidth: 0 }));
  const portName = options.tells === "mirror" ? "http2-…" : "grpc-…";
  return `# The port of the recorder's Service is named ${portName}, so that proxies speak HTTP/2 to it.\n${documents.join("---\n")}`;
}

function envoyText(settings: PrintSettings): string {
  const target = targetOf(settings, `127.0.0.1:${usualPort(settings)}`);
  return `# ${whereOf[target.tells]}; clusters: beside the others.\n${stringify(envoyConfigFor(target), { lineWidth: 0 })}`;
}

/** Where what is printed belongs in an Envoy's own configuration. */
const whereOf: Readonly<Record<EnvoyTells, string>> = {
  "ext-proc": "http_filters: right before the router",
  "access-log": "access_log: of the connection manager",
  mirror: "request_mirror_policies: of each route to be copied",
};

function tellsOf({ printEnvoyFilter }: PrintSettings): EnvoyTells {
  return printEnvoyFilter === undefined || printEnvoyFilter === true ? "ext-proc" : printEnvoyFilter;
}

function usualPort(settings: PrintSettings): number {
  return tellsOf(settings) === "mirror" ? 8080 : 50051;
}

function targetOf(settings: PrintSettings, usual: string) {
  const address = settings.recorderAddress ?? usual;
  const colon = address.lastIndexOf(":");
  return {
    tells: tellsOf(settings),
    host: address.slice(0, colon).replace(/^\[|\]$/g, ""),
    port: Number(address.slice(colon + 1)),
  };
}

function labelsOf(text: string | undefined): Record<string, string> {
  if (text === undefined) return {};
  const pairs = text.split(",").map((pair) => pair.split("="));
  const wrong = pairs.find((pair) => pair.length !== 2 || pair.some((part) => part.trim() === ""));
  if (wrong !== undefined) {
    throw new OperatorError(
      `record: --filter-labels: must be name=value pairs such as app=reviews,version=v1 (got ${JSON.stringify(text)})`,
    );
  }
  return Object.fromEntries(pairs.map(([label, value]) => [label!.trim(), value!.trim()]));
}
