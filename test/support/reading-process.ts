import { reasonOf } from "../../base/index.js";
import { openTape } from "../../tape/index.js";
import { allOf } from "./captured.js";

// Reads the tape at the path given and prints the sequences on it, or why it cannot. Takes the user and group of an
// ordinary user first when it was started as root, whom rights do not bind.
if (process.getuid?.() === 0) {
  process.setgid?.(65534);
  process.setuid?.(65534);
}
try {
  const reader = await openTape([process.argv[2]!]);
  const heads = await allOf(reader.read());
  await reader.close();
  process.stdout.write(`${heads.map(({ sequence }) => sequence).join(" ")}\n`);
} catch (thrown) {
  process.stdout.write(`refused: ${reasonOf(thrown)}\n`);
}
