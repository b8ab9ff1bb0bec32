import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../../base/index.js";
import { parseLinkRules } from "../../../../replayer/carry/links/rules.js";

test("a links file is refused by the entry that is wrong, with the nearest known key", () => {
  const refused = (content: unknown, message: RegExp) =>
    assert.throws(
      () => parseLinkRules(content, "links.yaml"),
      (thrown: unknown) => {
        assert.ok(thrown instanceof OperatorError);
        assert.match(thrown.message, message);
        return true;
      },
    );
  refused({ link: [] }, /links\.yaml: unknown key "link" \(did you mean "links"\?\)/);
  refused({ links: [{ form: "body:/id", to: "path/2" }] }, /unknown key "links\[0\]\.form" \(did you mean "from"\?\)/);
  refused({ links: [{ from: "body:/id" }] }, /links: each is \{from, to\} or \{never\}/);
  refused({ links: [{ never: "the id" }] }, /links\[0\]\.never: "the id" is no place; write one as/);
  assert.equal(parseLinkRules({ links: [] }, "links.yaml").isEmpty, true);
});
