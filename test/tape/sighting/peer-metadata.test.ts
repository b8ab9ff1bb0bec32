import assert from "node:assert/strict";
import { test } from "node:test";
import protobuf from "protobufjs/minimal.js";
import { serviceInPeerMetadata, workloadInPeerMetadataId } from "../../../tape/sighting/peer-metadata.js";

type Fields = { [name: string]: string | Fields };

/** google.protobuf.Struct. */
function struct(fields: Fields, writer = protobuf.Writer.create()): protobuf.Writer {
  for (const [name, value] of Object.entries(fields)) {
    writer.uint32(10).fork().uint32(10).string(name).uint32(18).fork();
    if (typeof value === "string") writer.uint32(26).string(value);
    else struct(value, writer.uint32(42).fork()).ldelim();
    writer.ldelim().ldelim();
  }
  return writer;
}
const base64 = (fields: Fields) => Buffer.from(struct(fields).finish()).toString("base64");

test("the service is read from labels, else the workload's name, with its namespace", () => {
  const common = { CLUSTER_ID: "Kubernetes", NAMESPACE: "shop", WORKLOAD_NAME: "reviews-v1" };
  assert.equal(serviceInPeerMetadata(base64(common)), "reviews-v1.shop");
  const labels = { app: "reviews", "service.istio.io/canonical-name": "reviews-canonical" };
  assert.equal(serviceInPeerMetadata(base64({ ...common, LABELS: { app: "reviews" } })), "reviews.shop");
  assert.equal(serviceInPeerMetadata(base64({ ...common, LABELS: labels })), "reviews-canonical.shop");
  assert.equal(serviceInPeerMetadata(base64({ WORKLOAD_NAME: "alone" })), "alone");
});

test("what cannot be read names nobody", () => {
  const cut = Buffer.from(struct({ WORKLOAD_NAME: "reviews", NAMESPACE: "shop" }).finish()).subarray(0, 9);
  for (const bad of ["", "!!", Buffer.from("no protobuf at all").toString("base64"), cut.toString("base64")]) {
    assert.equal(serviceInPeerMetadata(bad), undefined, bad);
  }
});

test("a node id gives the workload of its pod", () => {
  const id = "sidecar~10.1.2.3~reviews-v1-6d8bc58dd7-ts8kw.shop~shop.svc.cluster.local";
  assert.equal(workloadInPeerMetadataId(id), "reviews-v1.shop");
  assert.equal(workloadInPeerMetadataId("sidecar~10.1.2.3"), undefined);
});
