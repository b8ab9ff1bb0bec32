import { reasonOf } from "../../base/index.js";
import { openTapeWriter } from "../../tape/index.js";
import { batchOf, callPart, testKey, testRecorder } from "./captured.js";

// A recorder's writing half as a process of its own: appends until it is ended. After each batch it prints the number of
// Exchanges given so far, or, when the batch was refused, "refused: " and why. Arguments: the tape's path, the recorder's
// name, how many Exchanges (default: no end).
const [path, name, last] = process.argv.slice(2);
const batchParts = 20;
const writer = await openTapeWriter({ path: path!, recorder: testRecorder(name), key: testKey });
for (let given = 0; given < Number(last ?? Number.POSITIVE_INFINITY); given += batchParts) {
  const batch = batchOf(...Array.from({ length: batchParts }, (_, at) => callPart(given + at + 1)));
  const became = await writer.append(batch).then(
    () => String(given + batchParts),
    (thrown: unknown) => `refused: ${reasonOf(thrown)}`,
  );
  process.stdout.write(`${became}\n`);
}
await writer.close();
