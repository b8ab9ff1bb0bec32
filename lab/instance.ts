import { fileURLToPath } from "node:url";
import { type ReadyProcess, startReadyProcess } from "./ready-process.js";
import type { ServiceSpec } from "./topology.js";

/** A running service: its process, and where calls to it go. */
export interface Instance {
  name: string;
  version: string | undefined;
  process: ReadyProcess;
  /** `http://127.0.0.1:PORT`: its own address. */
  url: URL;
  /** Where its edge sends calls instead: an inbound recorder in front of it. */
  via: URL | undefined;
}

const script = fileURLToPath(new URL("../simple-service/main.js", import.meta.url));

/** Starts a service whose calls to others go through the given addresses. */
export async function startInstance(spec: ServiceSpec, peers: ReadonlyMap<string, URL>): Promise<Instance> {
  const args = [
    "--name",
    spec.name,
    "--stop-with-stdin",
    ...(spec.behave === undefined ? [] : ["--behave", spec.behave]),
  ];
  for (const [name, url] of peers) args.push("--peer", `${name}=${url.origin}`);
  const process = await startReadyProcess({ name: nameOf(spec), script, args });
  const url = new URL(`http://${String(process.ready.listen)}`);
  return { name: spec.name, version: spec.version, process, url, via: undefined };
}

/** `reviews`, or `reviews v2` where there is a version. */
export function nameOf(spec: { name: string; version?: string | undefined }): string {
  return spec.version === undefined ? spec.name : `${spec.name} ${spec.version}`;
}
