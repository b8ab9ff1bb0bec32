import type { Exchange, ExchangeHead, TapeWalk } from "../../tape/index.js";
import type { StepSource } from "../read-steps.js";
import type { Credentials } from "./credentials/credentials.js";
import { missingCredentials } from "./credentials/missing.js";
import { LinkLearner } from "./links/learn.js";
import type { LinkRules } from "./links/rules.js";
import type { RecordedSessions } from "./links/sessions.js";
import type { LinkTable } from "./links/table.js";
import { holdsMoreThanPath, WantedValues } from "./links/wanted.js";

/** What the tape has taught of the Steps of a plan. */
export interface Learnt {
  links: LinkTable;
  sessions: RecordedSessions;
  /** By route, the grouped places at which its answers hold values that later requests take up. */
  produced: ReadonlyMap<string, ReadonlySet<string>>;
  /** Steps that hold a redacted value nobody gives, left out at the operator's wish. */
  leftOut: ReadonlySet<number>;
  warnings: readonly string[];
}

/** What is learnt from. */
export interface LearningPlan {
  /** The Steps with their Exchanges, from the first on each time. */
  read: () => StepSource;
  /** Those of the Steps, others among them. */
  heads: () => TapeWalk<ExchangeHead>;
  steps: number;
  routeOf: (method: string, path: string) => string;
  rules: LinkRules;
  /** False: links are looked at only to tell what needs a credential; nothing is carried. */
  carries: boolean;
  credentials: Credentials;
  /** Steps with a redacted value that nobody gives are left out instead of refusing the run. */
  skipRedacted: boolean;
}

/**
 * Learns in flat memory: first what requests want, then who gives it. Where requests have no state but in their paths their
 * heads tell the first. Throws an OperatorError when a request holds a redacted value that neither an earlier answer nor a
 * provider gives: a pseudonym is never sent.
 */
export async function learnPlan(plan: LearningPlan): Promise<Learnt> {
  // A rule says whether it met something, so that with rules everything is looked at.
  if (!plan.carries || !plan.rules.isEmpty) return (await learnFrom(plan))!;
  const learnt = await learnFrom(plan, await WantedValues.inPaths(plan.heads()));
  return learnt ?? (await learnFrom(plan, await WantedValues.inRequests(plan.read().exchanges)))!;
}

/** Undefined when what is wanted was not told by paths alone. */
async function learnFrom(plan: LearningPlan, wanted?: WantedValues): Promise<Learnt | undefined> {
  const { rules, credentials, routeOf, steps } = plan;
  const learner = new LinkLearner({ steps, routeOf, rules, wanted });
  const leftOut = new Set<number>();
  const missing = missingCredentials(routeOf);
  const { exchanges, stepOf } = plan.read();
  for await (const turn of exchanges.turns()) {
    for (const exchange of turn) {
      if (wanted?.isOfPathsAlone && holdsMoreThanPath(exchange.request)) return undefined;
      const { step } = stepOf(exchange);
      const unproduced = plan.carries ? learner.consume(exchange, step) : allRedacted(exchange);
      const unmet = unproduced.filter((one) => !credentials.covers(exchange, one));
      if (unmet.length > 0 && plan.skipRedacted) {
        leftOut.add(step);
        continue;
      }
      missing.add(exchange, unmet);
      if (plan.carries) learner.produce(exchange, step);
    }
  }
  missing.refuse();
  const { links, sessions, produced } = learner;
  return { links, sessions, produced, leftOut, warnings: warningsOf(learner, rules) };
}

function allRedacted({ redacted }: Exchange) {
  return redacted.request.map((place) => ({ place, value: undefined }));
}

function warningsOf(learner: LinkLearner, rules: LinkRules): string[] {
  const signed =
    learner.signed === 0
      ? []
      : [
          `${learner.signed} values that answers gave stand inside JSON Web Tokens the client signed: they cannot be replaced there; give the tokens with --credential`,
        ];
  const forgotten = learner.hasForgotten
    ? [
        "the tape holds more different values than are remembered at a time: links across a very long stretch may be missing",
      ]
    : [];
  return [...signed, ...forgotten, ...rules.warnings()];
}
