import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { type Cluster, type MeshCommand, restore } from "../../mesh/index.js";
import { asBefore, newNamespace, realCluster, service, virtualService } from "../support/cluster.js";
import { hasHelm, only, rendered } from "../support/helm.js";
import { fakeIo } from "../support/io.js";
import { type RestrictedUser, type RoleRule, restrictedUser } from "../support/restricted-user.js";

/** How a command is run under its Role: on a service that has routes and on one that has none. */
interface Trial {
  command: MeshCommand;
  words: (service: string) => readonly string[];
  /** What is done before each run, with every right. */
  first?: (service: string) => readonly string[];
  /** Rights that no run here needs, and what for. */
  unneeded: Readonly<Record<string, string>>;
  /** It says what is missing as one of its findings, and looks at the rest. */
  goesOn?: true;
}

const mirrorOn = (name: string) => ["mirror", "on", name, "--to", "recorder.elsewhere:8080"];
const extProcOn = (name: string) => [...mirrorOn(name), "--vantage", "ext-proc"];
const faultOn = (name: string) => ["fault", "on", name, "--abort", "503", "--share", "50%"];
/** A change that is refused half-way is put back, and the entry of what was never begun is deleted. */
const wayBack = {
  "get virtualservices": "the way back",
  "delete virtualservices": "the way back, of one that was made",
  "get configmaps": "an entry that somebody else writes meanwhile is read again",
  "delete configmaps": "the entry of what was put back",
};
const filtersBack = {
  "update destinationrules": "the way back, where others have edited it",
  "delete destinationrules": "the way back",
  "update envoyfilters": "the way back, where others have edited it",
  "delete envoyfilters": "the way back",
  "get configmaps": wayBack["get configmaps"],
  "delete configmaps": wayBack["delete configmaps"],
};

const trials: readonly Trial[] = [
  { command: "mirror on", words: mirrorOn, unneeded: { ...wayBack, "list services": "--hops" } },
  { command: "mirror ext-proc", words: extProcOn, unneeded: { ...filtersBack, "list services": "--hops" } },
  { command: "mirror off", words: (name) => ["mirror", "off", name], first: mirrorOn, unneeded: {} },
  { command: "mirror status", words: () => ["mirror", "status"], first: mirrorOn, unneeded: {} },
  { command: "fault on", words: faultOn, unneeded: wayBack },
  { command: "fault off", words: (name) => ["fault", "off", name], first: faultOn, unneeded: {} },
  { command: "fault list", words: () => ["fault", "list"], first: faultOn, unneeded: {} },
  { command: "restore", words: () => ["restore", "--even-if-alive"], first: faultOn, unneeded: {} },
  { command: "doctor", words: () => ["doctor"], goesOn: true, unneeded: {} },
];

for (const trial of trials) {
  test(`with its Role \`${trial.command}\` works; with a right less it says which, and nothing is changed by halves`, async (t) => {
    const ground = await prepared(t);
    if (ground === undefined) return;
    const rules = await rulesOf(trial.command, ground.namespace);
    const unneeded: string[] = [];
    for (const name of services) {
      const { code, said } = await runWith(ground, trial, name, rules, rules[0]!, undefined);
      assert.ok(code === 0 || (trial.goesOn && code === 1), `${name}: ${code} ${said}`);
    }
    for (const rule of rules) {
      for (const verb of rule.verbs) {
        if (!(await isMissed(ground, trial, rules, rule, verb))) unneeded.push(`${verb} ${rule.resources[0]}`);
      }
    }
    assert.deepEqual(unneeded.sort(), Object.keys(trial.unneeded).sort());
  });
}

interface Ground {
  cluster: Cluster;
  kubeconfig: string;
  namespace: string;
  user: RestrictedUser;
}

/** `ratings` has a VirtualService; `plain` has none. */
const services = ["ratings", "plain"] as const;

async function prepared(t: TestContext): Promise<Ground | undefined> {
  if (!hasHelm(t)) return undefined;
  const real = realCluster(t);
  if (real === undefined) return undefined;
  const namespace = await newNamespace(t, real.cluster);
  for (const name of services) await real.cluster.create(service(namespace, name));
  await real.cluster.create(virtualService(namespace, "ratings"));
  return { ...real, namespace, user: await restrictedUser(t, real.kubeconfig, namespace) };
}

/** Of the Role that the chart makes for the command. */
async function rulesOf(command: MeshCommand, namespace: string): Promise<RoleRule[]> {
  const objects = await rendered("roles", { commands: [command], optional: false }, "--namespace", namespace);
  return only(objects, "Role").rules as RoleRule[];
}

/** Whether the command cannot do without the right on one service or the other; it must then name it, and leave each object as it was, or put back. */
async function isMissed(ground: Ground, trial: Trial, rules: readonly RoleRule[], rule: RoleRule, verb: string) {
  const without = `without ${verb} ${rule.resources[0]}`;
  for (const name of services) {
    const { code, said, changed } = await runWith(ground, trial, name, rules, rule, verb);
    const words = trial.goesOn ? (/`doctor` would be refused.*it lacks (.*)/.exec(said)?.[1] ?? "") : said;
    if (code === 0 && words === said) continue;
    if (!trial.goesOn) assert.equal(code, 2, `${without}: ${said}`);
    assert.ok(words.includes(verb) && words.includes(rule.resources[0]!), `${without}: ${said}`);
    assert.deepEqual(changed, [], without);
    return true;
  }
  return false;
}

/** One run under the rules, a verb of one of them left out; then all is put back. */
async function runWith(
  { cluster, kubeconfig, namespace, user }: Ground,
  { words, first }: Trial,
  name: string,
  rules: readonly RoleRule[],
  rule: RoleRule,
  verb: string | undefined,
): Promise<{ code: number; said: string; changed: string[] }> {
  const original = await stateOf(cluster, namespace);
  const admin = fakeIo({ env: { KUBECONFIG: kubeconfig } });
  if (first !== undefined) assert.equal(await runCommandLine([...first(name), "-n", namespace], admin), 0, admin.err());
  const less = rules
    .map((one) => (one === rule ? { ...one, verbs: one.verbs.filter((has) => has !== verb) } : one))
    .filter(({ verbs }) => verbs.length > 0);
  await user.mayOnly(less, { rule, verb: verb ?? rule.verbs[0]!, allowed: verb === undefined });
  const before = await stateOf(cluster, namespace);
  const io = fakeIo({ env: { KUBECONFIG: user.kubeconfig } });
  const code = await runCommandLine([...words(name), "-n", namespace], io);
  const after = await stateOf(cluster, namespace);
  // What was put back and is now as it was in the beginning is as good as untouched.
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => after.get(key) !== before.get(key) && after.get(key) !== original.get(key),
  );
  await restore(cluster, { namespace, dryRun: false, evenIfAlive: true });
  return { code, said: io.err() + io.out(), changed };
}

/** What the commands could change, each object as it is. */
async function stateOf(cluster: Cluster, namespace: string): Promise<Map<string, string>> {
  const kinds = [
    { apiVersion: "networking.istio.io/v1", kind: "VirtualService" },
    { apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter" },
    { apiVersion: "networking.istio.io/v1", kind: "DestinationRule" },
    { apiVersion: "v1", kind: "ConfigMap" },
  ];
  const lists = await Promise.all(kinds.map((of) => cluster.list({ ...of, namespace })));
  return new Map(
    lists.flat().map((object) => [`${object.kind} ${object.metadata.name}`, JSON.stringify(asBefore(object))]),
  );
}
