import { join } from "node:path";
import protobuf from "protobufjs";
import { frameGrpc } from "../../message/index.js";
import { projectFolder } from "./project.js";

const folder = join(projectFolder, "recorder", "proto");

/** The messages of recorder/proto, by a well-known implementation: what our own reading of them is held against. */
export const processingRequest = lookUp("external_processor.proto", "envoy.service.ext_proc.v3.ProcessingRequest");
export const accessLogsMessage = lookUp("access_log.proto", "envoy.service.accesslog.v3.StreamAccessLogsMessage");

function lookUp(file: string, name: string): protobuf.Type {
  return protobuf.loadSync(join(folder, file)).lookupType(name);
}

/** A message of the type, with its gRPC prefix. */
export function framed(type: protobuf.Type, message: object): Buffer {
  const refusal = type.verify(message);
  if (refusal !== null) throw new Error(refusal);
  return Buffer.from(frameGrpc(type.encode(type.create(message)).finish()));
}
