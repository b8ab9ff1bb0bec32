import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allEdits } from "../../../../simple-service/behave/edits/index.js";
import { allValueKinds } from "../../../../simple-service/behave/values/index.js";
import { allEndpoints } from "../../../../simple-service/endpoints/index.js";
import { projectFolder } from "../../../support/project.js";

test("every value, edit and built-in path is in the documentation", () => {
  const page = readFileSync(join(projectFolder, "docs/simple-service.md"), "utf8");
  const words = [
    ...allValueKinds.map((kind) => `{${kind.name}: `),
    ...allEdits.map((kind) => `\`${kind.name}: `),
    ...allEndpoints.map((endpoint) => `| \`${endpoint.path}`),
  ];
  assert.deepEqual(
    words.filter((word) => !page.includes(word)),
    [],
  );
});
