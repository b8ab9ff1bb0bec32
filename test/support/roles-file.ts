import { commandNeeds, type MeshCommand, meshCommands, type Need } from "../../mesh/index.js";

/** One rule of a Role, as Kubernetes has it. */
interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** What `charts/roles` makes of one command: rules by the namespace they are needed in. */
interface CommandRules {
  command: MeshCommand;
  /** In a Role's name. */
  slug: string;
  /** In the namespace that is changed or looked at; without one of them the command cannot do its work. */
  rules: Rule[];
  /** There too, for a part of the command. */
  optional: Rule[];
  /** In the recorder's namespace. */
  recorder: Rule[];
  /** In Istio's own namespace. */
  istio: Rule[];
}

const head = `# What each command asks of a cluster. Written by scripts/write-roles.mjs from mesh/access/needs.ts; a test holds the two equal.\n`;

/** Text of charts/roles/files/commands.yaml, a line a rule. */
export function rolesFile(): string {
  return head + meshCommands.map((command) => textOf(rulesOf(command))).join("");
}

function textOf({ command, slug, ...rules }: CommandRules): string {
  const lists = Object.entries(rules).map(([name, list]) => {
    const lines = list.map((rule) => `    - ${JSON.stringify(rule)}\n`).join("");
    return lines === "" ? `  ${name}: []\n` : `  ${name}:\n${lines}`;
  });
  return `- command: ${command}\n  slug: ${slug}\n${lists.join("")}`;
}

function rulesOf(command: MeshCommand): CommandRules {
  const needs: readonly Need[] = commandNeeds[command];
  const own = needs.filter(({ within }) => within === "own");
  const rules = merged(own.filter(({ optional }) => !optional));
  return {
    ...{ command, slug: command.replaceAll(/[^a-z0-9]+/g, "-"), rules },
    optional: beyond(merged(own.filter(({ optional }) => optional)), rules),
    recorder: merged(needs.filter(({ within }) => within === "recorder")),
    istio: merged(needs.filter(({ within }) => within === "istio")),
  };
}

/** One rule a resource, with every verb that any need has. */
function merged(needs: readonly Need[]): Rule[] {
  const rules = new Map<string, Rule>();
  for (const { group, resource, verbs } of needs) {
    const key = `${group}/${resource}`;
    const rule = rules.get(key) ?? { apiGroups: [group], resources: [resource], verbs: [] };
    rules.set(key, { ...rule, verbs: [...new Set([...rule.verbs, ...verbs])] });
  }
  return [...rules.values()];
}

/** What of the rules is not given by others already. */
function beyond(rules: readonly Rule[], given: readonly Rule[]): Rule[] {
  return rules
    .map((rule) => {
      const same = given.find(
        ({ apiGroups, resources }) => apiGroups[0] === rule.apiGroups[0] && resources[0] === rule.resources[0],
      );
      return { ...rule, verbs: rule.verbs.filter((verb) => !same?.verbs.includes(verb)) };
    })
    .filter(({ verbs }) => verbs.length > 0);
}
