import assert from "node:assert/strict";
import { test } from "node:test";
import { certificateName } from "../../../recorder/listen/certificate-name.js";

const subject = { C: "", ST: "", L: "", O: "", OU: "", CN: "reviews" };

test("a mesh identity names its service account and namespace", () => {
  const subjectaltname = "DNS:a.example, URI:spiffe://cluster.local/ns/shop/sa/reviews";
  assert.equal(certificateName({ subject, subjectaltname }), "reviews.shop");
});

test("else the first URI, the first DNS name, the common name", () => {
  assert.equal(certificateName({ subject, subjectaltname: "DNS:a.example, URI:urn:x" }), "urn:x");
  assert.equal(certificateName({ subject, subjectaltname: "IP Address:127.0.0.1, DNS:a.example, DNS:b" }), "a.example");
  assert.equal(certificateName({ subject, subjectaltname: "IP Address:127.0.0.1" }), "reviews");
  assert.equal(certificateName({ subject }), "reviews");
});

test("a name in quotes is read without them, and a comma in it is no end", () => {
  assert.equal(certificateName({ subjectaltname: 'URI:"urn:a, DNS:evil", DNS:b' }), "urn:a, DNS:evil");
});

test("no certificate names nobody", () => {
  assert.equal(certificateName({}), undefined);
});
