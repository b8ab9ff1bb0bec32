import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readBehaviour } from "../../../simple-service/behave/read.js";
import { openPeers } from "../../../simple-service/peers.js";
import { Refusal } from "../../../simple-service/refusal.js";
import { tempFolder } from "../../support/temp.js";

test("YAML and JSON are read, an empty file is a service without routes", (t) => {
  const file = join(tempFolder(t), "b.yaml");
  const versionOf = (text: string) => {
    writeFileSync(file, text);
    return readBehaviour(file).version;
  };
  assert.deepEqual([versionOf("version: v3\n"), versionOf('{"version":"v4"}'), versionOf("")], ["v3", "v4", "v1"]);
});

test("a file that cannot be read is refused with its name, in one line", (t) => {
  const file = join(tempFolder(t), "b.yaml");
  const refuses = (words: RegExp) =>
    assert.throws(
      () => readBehaviour(file),
      (thrown) => thrown instanceof Refusal && words.test(thrown.message) && !thrown.message.includes("\n"),
    );
  refuses(/^cannot use .*b\.yaml: ENOENT/);
  writeFileSync(file, "a: [1\nb: 2\n");
  refuses(/^cannot use .*b\.yaml: .* at line 2/);
  writeFileSync(file, "version: *nowhere\n");
  refuses(/^cannot use .*b\.yaml: Unresolved alias/);
  writeFileSync(file, "version: 3\n");
  refuses(/b\.yaml: version: /);
});

test("a file made from another has its routes and changes, then its own", async (t) => {
  const folder = tempFolder(t);
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  write("v1.yaml", "version: v1\nroutes: [{path: /a, text: one}, {path: /b, text: two}]");
  const v2 = write("v2.yaml", "version: v2\nfrom: v1.yaml\nchanges: [{route: GET /b, text: three}]");
  const behaviour = readBehaviour(v2);
  const textAt = async (path: string) => {
    const request = { method: "GET", path, query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0) };
    const peers = openPeers(new Map());
    const reply = await behaviour.answer(request, { name: "s", peers, behaviour, counts: new Map() });
    return reply?.body.toString();
  };
  assert.deepEqual([behaviour.version, await textAt("/a"), await textAt("/b")], ["v2", "one", "three"]);
});

test("a file made from itself, or from a bad one, is refused with the file at fault", (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, "a.yaml"), "from: b.yaml");
  writeFileSync(join(folder, "b.yaml"), "from: a.yaml");
  assert.throws(
    () => readBehaviour(join(folder, "a.yaml")),
    /cannot use .*b\.yaml: from: a\.yaml leads back to itself/,
  );
  writeFileSync(join(folder, "b.yaml"), "rotues: []");
  assert.throws(() => readBehaviour(join(folder, "a.yaml")), /^Refusal: cannot use .*b\.yaml: rotues is not known/);
});
