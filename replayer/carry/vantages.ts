import { OperatorError } from "../../base/index.js";
import type { TapeStats, Vantage } from "../../tape/index.js";

/** What a replay may want of a tape. */
export const abilities = ["order", "links", "status", "compare", "cause"] as const;
export type Ability = (typeof abilities)[number];

/** Where calls were seen from; what Envoy's access log told beside a mirror is a view of its own. */
export const views = ["inbound", "ext-proc", "outbound", "mirror", "mirror with access log", "import"] as const;
export type View = (typeof views)[number];

/** `yes`, `no`, or what it can do of it. */
type Can = "yes" | "no" | `only ${string}`;

/** The table of docs/carrying.md; a test holds the two together. */
export const whatViewsCan: Readonly<Record<View, Readonly<Record<Ability, Can>>>> = {
  inbound: { order: "yes", links: "yes", status: "yes", compare: "yes", cause: "yes" },
  "ext-proc": { order: "yes", links: "yes", status: "yes", compare: "yes", cause: "yes" },
  outbound: { order: "yes", links: "yes", status: "yes", compare: "yes", cause: "yes" },
  mirror: {
    order: "only starts",
    links: "no",
    status: "no",
    compare: "only with --baseline",
    cause: "only with --baseline",
  },
  "mirror with access log": {
    order: "only starts",
    links: "no",
    status: "yes",
    compare: "only with --baseline",
    cause: "only with --baseline",
  },
  import: { order: "yes", links: "yes", status: "yes", compare: "yes", cause: "no" },
};

/** What each ability asks of a tape, for the one who has to record another. */
const needs: Record<Ability, string> = {
  order: "starts and ends of calls",
  links: "recorded answers, from which later requests took their values",
  status: "the status of recorded answers",
  compare: "recorded answers",
  cause: "calls of several hops",
};

/** The views that a tape holds calls of. */
export function viewsOf({ byVantage, answers }: Pick<TapeStats, "byVantage" | "answers">): View[] {
  const met = Object.entries(byVantage).flatMap(([vantage, count]) => (count > 0 ? [vantage as Vantage] : []));
  return met.map((vantage) =>
    vantage === "mirror" && answers["status-only"] > 0 ? "mirror with access log" : vantage,
  );
}

/** Whether some of its calls allow it, be it in part. */
export function tapeCan(ability: Ability, stats: Pick<TapeStats, "byVantage" | "answers">): boolean {
  return viewsOf(stats).some((view) => whatViewsCan[view][ability] !== "no");
}

/** Throws an OperatorError that names what the tape was seen from and what would do; `asked` is what wants it. */
export function refuseUnable(ability: Ability, stats: Pick<TapeStats, "byVantage" | "answers">, asked: string): void {
  const seen = viewsOf(stats);
  if (seen.length === 0 || tapeCan(ability, stats)) return;
  const able = views.filter((view) => whatViewsCan[view][ability] === "yes").join(", ");
  throw new OperatorError(
    `${asked}: this tape holds calls seen from ${seen.join(", ")} alone, and ${ability} takes ${needs[ability]}: record from ${able}`,
  );
}
