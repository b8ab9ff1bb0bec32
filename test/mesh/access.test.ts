import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { missingAccessOfAll } from "../../mesh/access/missing-access.js";
import { checkAccess } from "../../mesh/doctor/check-access.js";
import {
  type Cluster,
  type ClusterObject,
  ClusterRefusal,
  commandNeeds,
  faultOff,
  faultOn,
  type MeshCommand,
  meshCommands,
  mirrorOff,
  mirrorOn,
  mirrorStatus,
  missingAccess,
  missingInWords,
  parseRecorder,
  requireAccess,
  restore,
  sayingWhatIsMissing,
} from "../../mesh/index.js";
import { typedFault } from "../../virtual-service/index.js";
import { recorderService, service, virtualService } from "../support/cluster.js";
import { MemoryCluster } from "../support/memory-cluster.js";

/** A cluster that answers SelfSubjectAccessReviews by a list of rights, such as `update virtualservices`. */
class GuardedCluster extends MemoryCluster {
  readonly asked: string[] = [];
  constructor(readonly isAllowed: (right: string) => boolean) {
    super();
  }
  override async create(object: ClusterObject): Promise<ClusterObject> {
    if (object.kind !== "SelfSubjectAccessReview") return super.create(object);
    const { verb, resource, subresource } = (object.spec as { resourceAttributes: Record<string, string> })
      .resourceAttributes;
    const right = `${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`}`;
    this.asked.push(right);
    return { ...object, status: { allowed: this.isAllowed(right) } };
  }
}

test("what a command lacks is told right by right, and said as a Role names it", async () => {
  const cluster = new GuardedCluster((right) => right !== "update virtualservices" && right !== "create configmaps");
  const missing = await missingAccess(cluster, "shop", "fault on");
  assert.equal(
    missingInWords(missing),
    "update virtualservices.networking.istio.io, create configmaps in namespace shop",
  );
  assert.deepEqual(await missingAccess(cluster, "shop", "fault list"), []);
});

test("rights in other namespaces are asked about where these are named", async () => {
  const cluster = new GuardedCluster(() => false);
  const own = await missingAccess(cluster, "shop", "mirror on");
  assert.deepEqual([...new Set(own.map(({ namespace }) => namespace))], ["shop"]);
  const both = await missingAccess(cluster, "shop", "mirror on", { recorder: "tools" });
  assert.ok(
    both.some(({ namespace, resource, optional }) => namespace === "tools" && resource === "services" && optional),
  );
});

test("of all commands each right is asked about once, and each command that lacks one is a warning", async () => {
  const cluster = new GuardedCluster((right) => right !== "delete jobs");
  await missingAccessOfAll(cluster, "shop", meshCommands);
  assert.equal(new Set(cluster.asked).size, cluster.asked.length);
  const [finding, ...more] = await checkAccess(cluster, "shop");
  assert.equal(more.length, 0);
  assert.deepEqual([finding!.id, finding!.severity], ["TL0701", "warning"]);
  assert.match(finding!.seen, /^`replay` would be refused to tester: it lacks delete jobs\.batch in namespace shop$/);
});

test("a command that puts back itself what it changes does not begin where the way back lacks a right", async () => {
  const cluster = new GuardedCluster((right) => right !== "delete configmaps" && right !== "get services");
  await assert.rejects(requireAccess(cluster, "shop", "chaos auth-policy"), {
    name: "OperatorError",
    message:
      "cannot begin `chaos auth-policy`: missing rights: delete configmaps in namespace shop; nothing was changed",
  });
  await requireAccess(new GuardedCluster((right) => right !== "get services"), "shop", "chaos auth-policy");
});

describe("a refusal says all that the command lacks", () => {
  const forbidding = (words: string) => {
    const cluster = new GuardedCluster((right) => !/(create|update|delete)/.test(right));
    cluster.replace = async () => Promise.reject(new ClusterRefusal(403, words));
    return sayingWhatIsMissing(cluster, "shop", "fault on");
  };
  const object: ClusterObject = { apiVersion: "v1", kind: "Service", metadata: { name: "a" } };

  test("after the server's own words", async () => {
    await assert.rejects(forbidding("virtualservices is forbidden").replace(object), {
      status: 403,
      message:
        "virtualservices is forbidden; in all, `fault on` lacks: create+update+delete virtualservices.networking.istio.io, create+update+delete configmaps in namespace shop",
    });
  });

  test("but a webhook's words are left as they are, and so is every other refusal and answer", async () => {
    const words = 'admission webhook "policy" denied the request: no faults on fridays';
    await assert.rejects(forbidding(words).replace(object), { status: 403, message: words });
    const cluster = forbidding("x");
    assert.equal(await cluster.read({ apiVersion: "v1", kind: "Service", name: "none" }), undefined);
    assert.equal(cluster.user, "tester");
  });
});

describe("the table of needs", () => {
  /** Notes what is asked of a cluster, as rights are named. */
  function noting(cluster: Cluster): { cluster: Cluster; rights: Set<string> } {
    const rights = new Set<string>();
    const resources: Record<string, string> = {
      ...{ Namespace: "namespaces", Service: "services", ConfigMap: "configmaps", Pod: "pods" },
      ...{ VirtualService: "virtualservices.networking.istio.io", HTTPRoute: "httproutes.gateway.networking.k8s.io" },
      ...{ EnvoyFilter: "envoyfilters.networking.istio.io", DestinationRule: "destinationrules.networking.istio.io" },
    };
    const verbs = { read: "get", list: "list", create: "create", replace: "update", remove: "delete" } as const;
    const noted = new Proxy(cluster, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== "function") return member;
        return (which: { kind: string }, ...more: unknown[]) => {
          rights.add(`${verbs[key as keyof typeof verbs]} ${resources[which.kind] ?? which.kind}`);
          return member.call(target, which, ...more);
        };
      },
    });
    return { cluster: noted, rights };
  }
  const granted = (command: MeshCommand) =>
    new Set(
      commandNeeds[command].flatMap(({ group, resource, verbs }) =>
        verbs.map((verb) => `${verb} ${group === "" ? resource : `${resource}.${group}`}`),
      ),
    );

  test("has every right that these commands use", async () => {
    const memory = new MemoryCluster();
    const labels = { "tapeloop.io/allow-mirror": "true", "tapeloop.io/allow-faults": "true" };
    await memory.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
    for (const name of ["reviews", "ratings"]) await memory.create(service("shop", name));
    await memory.create(virtualService("shop", "reviews"));
    await memory.create(recorderService("shop"));
    const each = async (command: MeshCommand, act: (cluster: Cluster) => Promise<unknown>) => {
      const { cluster, rights } = noting(memory);
      await act(cluster);
      assert.ok(rights.size > 0, command);
      assert.deepEqual(
        [...rights].filter((right) => !granted(command).has(right)),
        [],
        command,
      );
    };
    for (const name of ["reviews", "ratings"]) {
      const wish = { service: name, namespace: "shop", evenIfManaged: false };
      const to = parseRecorder("recorder.shop:8080", "shop");
      await each("mirror on", (cluster) => mirrorOn(cluster, { ...wish, to }));
      await each("mirror status", (cluster) => mirrorStatus(cluster, "shop"));
      await each("mirror off", (cluster) => mirrorOff(cluster, "shop", name));
      const fault = { name: "down", faults: [typedFault("abort", "503")!], percent: 100 };
      await each("fault on", (cluster) => faultOn(cluster, { ...wish, ...fault }));
      await each("fault off", (cluster) => faultOff(cluster, "shop"));
      await faultOn(memory, { ...wish, ...fault });
      await each("restore", (cluster) => restore(cluster, { namespace: "shop" }));
    }
  });

  test("asks for no more than verbs on resources of namespaces, and for each of them once", () => {
    for (const command of meshCommands) {
      const needs = commandNeeds[command];
      assert.ok(needs.length > 0);
      for (const { verbs, resource } of needs) {
        assert.equal(new Set(verbs).size, verbs.length);
        assert.match(resource, /^[a-z]+(\/[a-z]+)?$/);
      }
    }
  });
});
