import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Cluster, ClusterRefusal } from "../../mesh/index.js";

/** Where a cluster is to be had, with a namespace of the test's own; undefined when it skips itself. */
export type OpenCluster = (t: TestContext) => Promise<{ cluster: Cluster; namespace: string } | undefined>;

/** What every Cluster promises. */
export function clusterContract(name: string, open: OpenCluster): void {
  const map = (namespace: string, data: Record<string, string>, labels?: Record<string, string>) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace, ...(labels === undefined ? {} : { labels }) },
    data,
  });
  const refused = (status: number) => (thrown: unknown) => {
    assert.ok(thrown instanceof ClusterRefusal, String(thrown));
    assert.equal(thrown.status, status, thrown.words);
    return true;
  };

  test(`${name}: what is created is read, listed by label, replaced and removed`, async (t) => {
    const opened = await open(t);
    if (opened === undefined) return;
    const { cluster, namespace } = opened;
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace, name: "a" };
    assert.equal(await cluster.read(ref), undefined);
    const made = await cluster.create(map(namespace, { x: "1" }, { "test/own": "yes" }));
    assert.deepEqual(await cluster.read(ref), made);
    const listed = async (labels: string) =>
      (await cluster.list({ apiVersion: "v1", kind: "ConfigMap", namespace, labels })).map(
        ({ metadata }) => metadata.name,
      );
    assert.deepEqual([await listed("test/own=yes"), await listed("test/own=no")], [["a"], []]);
    const replaced = await cluster.replace({ ...made, data: { x: "2" } });
    assert.notEqual(replaced.metadata.resourceVersion, made.metadata.resourceVersion);
    await cluster.remove(replaced);
    assert.equal(await cluster.read(ref), undefined);
    await cluster.remove(replaced); // gone already is as good
  });

  test(`${name}: who comes second is refused as a conflict, and nothing is lost`, async (t) => {
    const opened = await open(t);
    if (opened === undefined) return;
    const { cluster, namespace } = opened;
    const made = await cluster.create(map(namespace, { x: "1" }));
    await assert.rejects(cluster.create(map(namespace, { x: "other" })), refused(409));
    const first = await cluster.replace({ ...made, data: { x: "first" } });
    await assert.rejects(cluster.replace({ ...made, data: { x: "second" } }), refused(409));
    await assert.rejects(cluster.remove(made), refused(409));
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace, name: "a" };
    assert.deepEqual((await cluster.read(ref))!.data, first.data);
  });
}
