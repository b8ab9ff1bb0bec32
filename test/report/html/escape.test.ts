import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeHtml, html } from "../../../report/html/escape.js";

test("text in a template is escaped, markup and lists of it are not", () => {
  const items = ["<a>", "b"].map((item) => html`<li>${item}</li>`);
  assert.equal(
    html`<ul title="${'"x"'}">${items}${undefined}${false}${3}</ul>`.markup,
    '<ul title="&quot;x&quot;"><li>&lt;a&gt;</li><li>b</li>3</ul>',
  );
});

test("no text can end an element or an attribute, or hide", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.doesNotMatch(escapeHtml(text), /[<>"']|(?![\t\n])\p{Cc}|\p{Cf}|\p{Cs}/u);
    }),
  );
});
