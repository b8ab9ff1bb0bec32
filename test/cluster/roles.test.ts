import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { type MeshCommand, restore } from "../../mesh/index.js";
import { fakeIo } from "../support/io.js";
import type { RoleRule } from "../support/restricted-user.js";
import {
  groundForRoles,
  lessThan,
  type RoleGround,
  rightsIn,
  routingKinds,
  rulesOf,
  servicesOfGround as services,
  stateOf,
} from "../support/role-trials.js";

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
/** As somebody who may look at the recorder, which has to be there then. */
const mirrorHere = (name: string) => ["mirror", "on", name, "--to", `${services[0]}:80`];
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

/** Tried in test/cluster/restore-role.test.ts. */
const readAgain = { "get configmaps": wayBack["get configmaps"] };

const trials: readonly Trial[] = [
  { command: "mirror on", words: mirrorOn, unneeded: { ...wayBack, "list services": "--hops" } },
  { command: "mirror ext-proc", words: extProcOn, unneeded: { ...filtersBack, "list services": "--hops" } },
  { command: "mirror off", words: (name) => ["mirror", "off", name], first: mirrorHere, unneeded: readAgain },
  { command: "mirror status", words: () => ["mirror", "status"], first: mirrorHere, unneeded: {} },
  { command: "fault on", words: faultOn, unneeded: wayBack },
  { command: "fault off", words: (name) => ["fault", "off", name], first: faultOn, unneeded: readAgain },
  { command: "fault list", words: () => ["fault", "list"], first: faultOn, unneeded: {} },
  { command: "restore", words: () => ["restore"], first: faultOn, unneeded: readAgain },
  { command: "doctor", words: () => ["doctor"], goesOn: true, unneeded: {} },
];

/** `original`: as it is before each run, since all is put back after it. */
type Ground = RoleGround & { original: ReadonlyMap<string, string> };

// What takes the time is the cluster, which learns of each Role a moment later.
describe("Roles", { concurrency: 3 }, () => {
  for (const trial of trials) {
    test(`with its Role \`${trial.command}\` works; with a right less it says which, and nothing is changed by halves`, async (t) => {
      const made = await groundForRoles(t);
      if (made === undefined) return;
      const ground = { ...made, original: await stateOf(made.cluster, made.namespace, routingKinds) };
      const rules = await rulesOf(trial.command, ground.namespace);
      const unneeded: string[] = [];
      for (const name of services) {
        const { code, said } = await runWith(ground, trial, name, rules, rules[0]!, undefined);
        assert.ok(code === 0 || (trial.goesOn && code === 1), `${name}: ${code} ${said}`);
      }
      for (const { rule, verb, right } of rightsIn(rules)) {
        if (!(await isMissed(ground, trial, rules, rule, verb))) unneeded.push(right);
      }
      assert.deepEqual(unneeded.sort(), Object.keys(trial.unneeded).sort());
    });
  }
});

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
  { cluster, kubeconfig, namespace, user, original }: Ground,
  { words, first }: Trial,
  name: string,
  rules: readonly RoleRule[],
  rule: RoleRule,
  verb: string | undefined,
): Promise<{ code: number; said: string; changed: string[] }> {
  const admin = fakeIo({ env: { KUBECONFIG: kubeconfig } });
  if (first !== undefined) assert.equal(await runCommandLine([...first(name), "-n", namespace], admin), 0, admin.err());
  await user.mayOnly(lessThan(rules, rule, verb), { rule, verb: verb ?? rule.verbs[0]!, allowed: verb === undefined });
  const before = first === undefined ? original : await stateOf(cluster, namespace, routingKinds);
  const io = fakeIo({ env: { KUBECONFIG: user.kubeconfig } });
  const code = await runCommandLine([...words(name), "-n", namespace], io);
  const after = await stateOf(cluster, namespace, routingKinds);
  // What was put back and is now as it was in the beginning is as good as untouched.
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => after.get(key) !== before.get(key) && after.get(key) !== original.get(key),
  );
  await restore(cluster, { namespace, dryRun: false, evenIfAlive: true });
  return { code, said: io.err() + io.out(), changed };
}
