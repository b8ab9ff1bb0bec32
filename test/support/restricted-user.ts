import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { parse, stringify } from "yaml";
import { type Cluster, type ClusterObject, connectCluster } from "../../mesh/index.js";
import { tempFolder } from "./temp.js";
import { until } from "./until.js";

export interface RoleRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** A user whose only rights are those of one Role in one namespace. */
export interface RestrictedUser {
  /** Signs in as this user. */
  kubeconfig: string;
  /** Changes the Role, and waits until the API server knows: until it answers as `probe` should be answered now. */
  mayOnly(rules: readonly RoleRule[], probe: { rule: RoleRule; verb: string; allowed: boolean }): Promise<void>;
}

/** Makes one by impersonation, which whoever `kubeconfig` signs in as must be allowed. */
export async function restrictedUser(t: TestContext, kubeconfig: string, namespace: string): Promise<RestrictedUser> {
  const name = `tapeloop-test-${randomBytes(4).toString("hex")}`;
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const admin = KubernetesObjectApi.makeApiClient(config);
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const role = { apiVersion, kind: "Role", metadata: { name, namespace } };
  const rbac = { apiGroup: "rbac.authorization.k8s.io" };
  const create = (object: object) => admin.create(object as KubernetesObject);
  await create({ ...role, rules: [] });
  await create({
    ...{ apiVersion, kind: "RoleBinding", metadata: { name, namespace } },
    ...{ roleRef: { ...rbac, kind: "Role", name }, subjects: [{ ...rbac, kind: "User", name }] },
  });
  const own = signedInAs(t, kubeconfig, name);
  const cluster = await connectCluster({ kubeconfig: own });
  return {
    kubeconfig: own,
    mayOnly: async (rules, { rule, verb, allowed }) => {
      await admin.replace({ ...role, rules } as KubernetesObject);
      await until(`${verb} ${rule.resources[0]} to be ${allowed ? "allowed" : "forbidden"}`, async () => {
        return (await isAllowed(cluster, namespace, rule, verb)) === allowed;
      });
    },
  };
}

/** A copy of the kubeconfig that says who is to be impersonated. */
function signedInAs(t: TestContext, kubeconfig: string, user: string): string {
  const config = parse(readFileSync(kubeconfig, "utf8")) as { users: { user: Record<string, unknown> }[] };
  const users = config.users.map((entry) => ({ ...entry, user: { ...entry.user, as: user } }));
  const file = join(tempFolder(t), "kubeconfig");
  writeFileSync(file, stringify({ ...config, users }), { mode: 0o600 });
  return file;
}

async function isAllowed(cluster: Cluster, namespace: string, rule: RoleRule, verb: string): Promise<boolean> {
  const [resource, subresource] = rule.resources[0]!.split("/");
  const of = { verb, group: rule.apiGroups[0], resource, namespace };
  const resourceAttributes = {
    ...of,
    ...(subresource && { subresource }),
    ...(resource === "namespaces" && { name: namespace }),
  };
  const review = {
    ...{ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", metadata: { name: "" } },
    spec: { resourceAttributes },
  };
  const { status } = await cluster.create(review as ClusterObject);
  return (status as { allowed: boolean }).allowed;
}
