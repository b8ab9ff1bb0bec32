// Runs the compiled tests with Node's own runner: all of them, or those whose path contains one of the words given.
// Those of a real cluster mostly wait for it: they run one after the other beside the rest, which runs so, too.
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const words = process.argv.slice(2);
const files = readdirSync("dist/test", { recursive: true })
  .map((name) => `dist/test/${name}`)
  .filter((name) => name.endsWith(".test.js"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${words.join(" ")}`);
  process.exit(2);
}
const onCluster = (file) => file.startsWith("dist/test/cluster/");
const lanes = [files.filter(onCluster), files.filter((file) => !onCluster(file))].filter(({ length }) => length > 0);

/** What a runner says of all it ran when it is done. */
const counted = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

const report = new spec();
report.pipe(process.stdout);
const began = performance.now();
const totals = new Map();
await Promise.all(lanes.map(runLane));
totals.set("duration_ms", performance.now() - began);
for (const [name, count] of totals)
  report.write({ type: "test:diagnostic", data: { nesting: 0, message: `${name} ${count}` } });
report.end();

/** Reports each test whole, with what it says when it has ended: two lanes' lines in between would take it apart. */
async function runLane(laneFiles) {
  let held = [];
  let hasEnded = false;
  const tell = () => {
    for (const event of held) report.write(event);
    held = [];
    hasEnded = false;
  };
  for await (const event of run({ files: laneFiles, concurrency: 1 })) {
    const { type, data } = event;
    const total = type === "test:diagnostic" && data.nesting === 0 && counted.exec(data.message);
    if (total) totals.set(total[1], (totals.get(total[1]) ?? 0) + Number(total[2]));
    if (total || type === "test:summary") continue;
    if (type === "test:fail" && data.todo === undefined) process.exitCode = 1;
    if (hasEnded && type !== "test:diagnostic") tell();
    held.push(event);
    if (data.nesting === 0 && (type === "test:pass" || type === "test:fail")) hasEnded = true;
  }
  tell();
}
