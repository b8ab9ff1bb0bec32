import { judgeAll } from "./judge-all.js";
import { inWords } from "./score/score.js";
import { table, tableByFamily } from "./score/table.js";

/**
 * Judges the whole corpus, or the batches named on the command line, and prints the tables; what tapeloop got wrong is
 * listed below them, case by case.
 */
const scores = await judgeAll(process.argv.slice(2), (name, tookMs) =>
  console.error(`${name}: ${(tookMs / 1000).toFixed(1)} s`),
);
const wrongs = scores.tapeloop.flatMap(({ name, missed, falseFindings, wrong }) => [
  ...missed.map(({ hop, kinds, places }) => `${name}: missed ${kinds[0]} at ${hop} ${String(places[0])}`),
  ...falseFindings.map((finding) => `${name}: false ${inWords(finding)}`),
  ...wrong.map((why) => `${name}: wrong ${why}`),
]);
console.log([table(scores), tableByFamily(scores), wrongs.join("\n")].join("\n\n"));
