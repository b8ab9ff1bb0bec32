import assert from "node:assert/strict";
import { test } from "node:test";
import type { Door, DoorParts, PlannedDoor } from "../../recorder/doors/door.js";
import { Doors } from "../../recorder/doors/doors.js";
import { startTestRecorder, startTestRecorderOn } from "../support/start-recorder.js";

interface Told {
  said: string[];
}

/** A door that writes down what it is told. */
function planned(name: PlannedDoor["name"], told: Told, openConnections = 1): PlannedDoor {
  const door: Door = {
    listen: `here:${name}`,
    openConnections,
    renewTls: () => void told.said.push(`${name} renewed`),
    windDown: () => void told.said.push(`${name} winds down`),
    drain: async () => void told.said.push(`${name} drained`),
    close: async () => void told.said.push(`${name} closed`),
  };
  return { name, open: async () => door };
}

const parts = {} as DoorParts;

test("doors open together, are counted together, drained before any is closed", async () => {
  const told: Told = { said: [] };
  const doors = new Doors([planned("listen", told, 2), planned("outbound", told, 3)]);
  await doors.open(parts);
  assert.deepEqual(doors.addresses, { listen: "here:listen", outbound: "here:outbound" });
  assert.equal(doors.openConnections, 5);
  assert.equal(doors.isDraining, false);
  doors.renewTls({ cert: "", key: "" });
  doors.windDown();
  assert.equal(doors.isDraining, true);
  await doors.drain(0, () => {});
  await doors.close();
  assert.deepEqual(told.said, [
    "listen renewed",
    "outbound renewed",
    "listen winds down",
    "outbound winds down",
    "listen drained",
    "outbound drained",
    "listen closed",
    "outbound closed",
  ]);
});

test("one that cannot be had closes those open already, and its refusal is thrown", async () => {
  const told: Told = { said: [] };
  const refusal = new Error("taken");
  const doors = new Doors([planned("listen", told), { name: "outbound", open: async () => Promise.reject(refusal) }]);
  await assert.rejects(doors.open(parts), refusal);
  assert.deepEqual(told.said, ["listen drained", "listen closed"]);
});

test("a second door's address in use frees the first one's", async (t) => {
  const taken = await startTestRecorder(t);
  const again = await startTestRecorder(t);
  const { listen } = again;
  await again.stop();
  await assert.rejects(startTestRecorderOn(t, taken.writer, { listen, outbound: { listen: taken.listen } }), /in use/);
  await startTestRecorder(t, { listen });
});
