import type { Divergence, RunSummary } from "../../tape/index.js";

/** Something that `examples/demo/reviews-v2.yaml` changes, or that moves by itself. */
interface Seeded {
  /** In words, for the verdict. */
  what: string;
  hop: string;
  route: string;
  place: string;
  kind: Divergence["kind"];
  isNoise: boolean;
}

/** All that a run of the demo must find, and nothing else. */
export const allSeeded: readonly Seeded[] = [
  {
    what: "the first regression: the stars are gone",
    hop: "reviews",
    route: "GET /reviews/{id}",
    place: "body:/stars",
    kind: "missing-field",
    isNoise: false,
  },
  {
    what: "the second regression: some summaries fail",
    hop: "reviews",
    route: "GET /reviews/{id}/summary",
    place: "status",
    kind: "status",
    isNoise: false,
  },
  {
    what: "the noise: a fresh timestamp",
    hop: "reviews",
    route: "GET /reviews/{id}",
    place: "body:/servedAt",
    kind: "changed-value",
    isNoise: true,
  },
];

/** What a run found that was not seeded, and what was seeded that it did not find; none when it is as it should be. */
export function unexpectedIn(summary: Pick<RunSummary, "verdict" | "reasons" | "divergences">): string[] {
  const { verdict, reasons, divergences } = summary;
  const unsound = verdict === "diverged" ? [] : [`the verdict is ${verdict} (${reasons.join("; ")})`];
  const missed = allSeeded
    .filter((seeded) => !divergences.some((found) => isSame(seeded, found)))
    .map(({ what, hop, route, place }) => `not found: ${what} (${place} of ${route} at ${hop})`);
  const extra = divergences
    .filter((found) => !allSeeded.some((seeded) => isSame(seeded, found)))
    .map(
      ({ attribution, kind, place, route, hop }) =>
        `not seeded: ${attribution}, ${kind} at ${place} of ${route} at ${hop}`,
    );
  return [...unsound, ...missed, ...extra];
}

function isSame(seeded: Seeded, found: Divergence): boolean {
  return (
    seeded.hop === found.hop &&
    seeded.route === found.route &&
    seeded.place === found.place &&
    seeded.kind === found.kind &&
    seeded.isNoise === (found.attribution === "noise")
  );
}
