import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Lab, type ReadyProcess, startLab, type Topology } from "../../lab/index.js";
import type { Io } from "../io.js";
import { startRecorder } from "./commands.js";

/** The demo's services with a recorder in front of each. */
export interface RecordedMesh {
  lab: Lab;
  /** Where users enter: the shop. */
  entry: URL;
  /** Ends the recorders first, so that all they have seen is on the tape, then the services. */
  stop(): Promise<void>;
}

export const serviceNames = ["shop", "catalog", "reviews"] as const;

/** A file of `examples/demo/`. */
export function demoFile(name: string): string {
  return fileURLToPath(new URL(`../../../examples/demo/${name}`, import.meta.url));
}

/** A VirtualService file of `examples/demo/`, with its text. */
export function demoVirtualServices(name: string): { yaml: string; fileName: string } {
  return { yaml: readFileSync(demoFile(name), "utf8"), fileName: demoFile(name) };
}

/** What differs between the meshes of the demo. */
export interface MeshChoice extends Pick<Topology, "outside" | "virtualServices"> {
  reviews: "v1" | "v2";
  /** Flags that all its recorders get: their tape, say. */
  recorderArgs: readonly string[];
}

/** Starts the services, then a recorder in front of each, all at once. Nothing is left running when one fails. */
export async function startRecordedMesh(choice: MeshChoice, io: Io): Promise<RecordedMesh> {
  const { reviews, recorderArgs, ...topology } = choice;
  const services = serviceNames.map((name) => ({
    name,
    behave: demoFile(name === "reviews" ? `reviews-${reviews}.yaml` : `${name}.yaml`),
  }));
  const lab = await startLab({ ...topology, services, seed: "demo", signal: io.signal });
  const started = await Promise.allSettled(serviceNames.map((name) => recordInbound(name, lab, recorderArgs, io)));
  const recorders = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stop = async () => {
    await Promise.all(recorders.map((recorder) => recorder.stop()));
    await lab.stop();
  };
  const failed = started.find((one) => one.status === "rejected");
  if (!failed) return { lab, entry: await lab.entry("shop"), stop };
  await stop();
  throw failed.reason;
}

async function recordInbound(service: string, lab: Lab, args: readonly string[], io: Io): Promise<ReadyProcess> {
  const upstream = lab.address(service).origin;
  const own = ["--mode", "inbound", "--service", service, "--listen", "127.0.0.1:0", "--upstream", upstream];
  const recorder = await startRecorder(`the recorder of ${service}`, [...own, ...args], io);
  lab.setInboundVia(service, `http://${String(recorder.ready.listen)}`);
  return recorder;
}
