import type { TapeReader } from "../../tape/index.js";
import type { CallSelection } from "../options.js";
import { readPlan } from "../read-plan.js";
import { readSteps } from "../read-steps.js";
import { LinkLearner } from "./links/learn.js";
import type { LinkRules } from "./links/rules.js";
import { type Surety, sureties } from "./links/table.js";
import { refuseUnable } from "./vantages.js";

/** Links alike: what answers of one route give to requests of another, at one place each, array indexes as `*`. */
export interface ListedLinks {
  from: { hop: string; route: string; place: string };
  to: { hop: string; route: string; place: string };
  count: number;
  /** The least sure of them. */
  surety: Surety;
  /** Exchange ids, three at most. */
  examples: { producer: number; consumer: number }[];
}

/**
 * The links of a tape, the most frequent first. Throws an OperatorError for a tape that cannot teach any. In flat memory
 * beside the links themselves.
 */
export async function listLinks(
  tape: TapeReader,
  selection: CallSelection,
  rules?: LinkRules,
): Promise<{ links: ListedLinks[]; warnings: string[] }> {
  const plan = await readPlan(tape, {
    selection,
    allowWrites: true,
    skipRedacted: false,
    headers: [],
    order: "recorded",
  });
  refuseUnable("links", plan.stats, "cannot list links");
  const { exchanges, stepOf } = readSteps(tape, plan);
  const learner = new LinkLearner({ steps: plan.steps.length, routeOf: plan.routeOf, ...(rules && { rules }) });
  const calls: Call[] = [];
  const found = new Map<string, ListedLinks>();
  const call = callMaker();
  for await (const exchange of exchanges) {
    const { step } = stepOf(exchange);
    const { method, path } = exchange.request;
    calls[step] = call(exchange.callee, plan.routeOf(method, path));
    const before = learner.links.size;
    learner.consume(exchange, step);
    for (let at = before; at < learner.links.size; at++) {
      const link = learner.links.at(at);
      const ids = { producer: plan.steps.at(link.producerStep)!.exchangeId, consumer: exchange.id };
      addLink(found, { ...link, ids, from: calls[link.producerStep]!, to: calls[step]! });
    }
    learner.produce(exchange, step);
  }
  const links = [...found.values()].sort((a, b) => b.count - a.count);
  return { links, warnings: rules?.warnings() ?? [] };
}

interface Call {
  hop: string;
  route: string;
}

/** One object for all calls of a hop and route. */
function callMaker(): (hop: string, route: string) => Call {
  const known = new Map<string, Call>();
  return (hop, route) => {
    const key = `${hop}\n${route}`;
    const call = known.get(key) ?? { hop, route };
    known.set(key, call);
    return call;
  };
}

interface FoundLink {
  producerPlace: string;
  consumerPlace: string;
  surety: Surety;
  ids: ListedLinks["examples"][number];
  from: Call;
  to: Call;
}

function addLink(
  found: Map<string, ListedLinks>,
  { producerPlace, consumerPlace, surety, ids, from, to }: FoundLink,
): void {
  const ends = {
    from: { ...from, place: withoutIndexes(producerPlace) },
    to: { ...to, place: withoutIndexes(consumerPlace) },
  };
  const key = JSON.stringify(ends);
  const known = found.get(key);
  if (known === undefined) {
    found.set(key, { ...ends, count: 1, surety, examples: [ids] });
    return;
  }
  known.count++;
  if (sureties.indexOf(surety) > sureties.indexOf(known.surety)) known.surety = surety;
  if (known.examples.length < 3) known.examples.push(ids);
}

/** Array indexes as `*`; a name of digits in an object is taken for one, too. */
function withoutIndexes(place: string): string {
  return place.replace(/(?<=^body:.*)\/\d+(?=\/|$|\|)/g, "/*");
}
