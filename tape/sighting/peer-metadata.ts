import protobuf from "protobufjs/minimal.js";

/** Labels by which a workload says which service it is, best first. */
const serviceLabels = ["service.istio.io/canonical-name", "app.kubernetes.io/name", "app"];

/** Few workloads call one service: their metadata is decoded once. */
const namesSeen = new Map<string, string | undefined>();
const mostNamesSeen = 512;

/**
 * The service (`name.namespace`) in `x-envoy-peer-metadata`: base64 of a google.protobuf.Struct with WORKLOAD_NAME,
 * NAMESPACE and LABELS, as Istio's proxies exchange it. What cannot be read says nothing.
 */
export function serviceInPeerMetadata(base64: string): string | undefined {
  if (namesSeen.has(base64)) return namesSeen.get(base64);
  const name = decoded(base64);
  if (namesSeen.size >= mostNamesSeen) namesSeen.clear();
  namesSeen.set(base64, name);
  return name;
}

/**
 * The workload (`name.namespace`) in `x-envoy-peer-metadata-id`, such as
 * `sidecar~10.1.2.3~reviews-v1-6d8bc58dd7-ts8kw.shop~shop.svc.cluster.local`: the pod's name without what its ReplicaSet
 * and its Deployment add.
 */
export function workloadInPeerMetadataId(id: string): string | undefined {
  const pod = id.split("~")[2];
  const found = pod === undefined ? null : /^([a-z0-9-]+)\.([a-z0-9-]+)$/.exec(pod);
  if (!found) return undefined;
  return `${found[1]!.replace(/(?:-[a-z0-9]{6,10})?-[a-z0-9]{5}$/, "")}.${found[2]!}`;
}

function decoded(base64: string): string | undefined {
  try {
    const fields = readStruct(protobuf.Reader.create(Buffer.from(base64, "base64")));
    const labels = fields.get("LABELS");
    const label = labels instanceof Map ? serviceLabels.map((one) => labels.get(one)).find(isName) : undefined;
    const name = label ?? fields.get("WORKLOAD_NAME");
    const namespace = fields.get("NAMESPACE");
    if (!isName(name)) return undefined;
    return isName(namespace) ? `${name}.${namespace}` : name;
  } catch {
    return undefined; // cut off or no protobuf: a request may carry anything in this field
  }
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

type Struct = Map<string, string | Struct>;

/** google.protobuf.Struct: field 1 is a map of name to Value. Only texts and Structs are of interest. */
function readStruct(reader: protobuf.Reader, end = reader.len): Struct {
  const struct: Struct = new Map();
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 !== 1) {
      reader.skipType(tag & 7);
      continue;
    }
    const entryEnd = reader.uint32() + reader.pos;
    let name = "";
    let value: string | Struct | undefined;
    while (reader.pos < entryEnd) {
      const field = reader.uint32();
      if (field >>> 3 === 1) name = reader.string();
      else if (field >>> 3 === 2) value = readValue(reader, reader.uint32() + reader.pos);
      else reader.skipType(field & 7);
    }
    if (value !== undefined) struct.set(name, value);
  }
  return struct;
}

/** google.protobuf.Value: 3 is a text, 5 a Struct. */
function readValue(reader: protobuf.Reader, end: number): string | Struct | undefined {
  let value: string | Struct | undefined;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 3) value = reader.string();
    else if (tag >>> 3 === 5) value = readStruct(reader, reader.uint32() + reader.pos);
    else reader.skipType(tag & 7);
  }
  return value;
}
