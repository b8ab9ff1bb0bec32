import assert from "node:assert/strict";
import { test } from "node:test";
import { partiesOf } from "../../../tape/sighting/parties.js";

const certificate =
  'By=spiffe://cluster.local/ns/shop/sa/reviews;Hash=1;Subject="";URI=spiffe://cluster.local/ns/shop/sa/gateway,' +
  "By=spiffe://cluster.local/ns/shop/sa/reviews;Hash=2;URI=spiffe://cluster.local/ns/shop/sa/productpage";

test("an inbound call is the service's, from whom its headers say", () => {
  const seenAt = { vantage: "inbound", authority: "reviews:9080", service: "reviews" } as const;
  assert.deepEqual(partiesOf({ callingCluster: "productpage.shop", clientCertificate: certificate }, seenAt), {
    caller: "productpage.shop",
    callee: "reviews",
  });
  assert.deepEqual(partiesOf({ callingCluster: "" }, seenAt), { callee: "reviews" });
});

test("the caller is read from the nearest client's certificate", () => {
  const { caller } = partiesOf({ clientCertificate: certificate }, { vantage: "mirror", authority: "reviews" });
  assert.equal(caller, "productpage.shop");
});

test("an outbound call is from the service to the authority", () => {
  const parties = partiesOf({}, { vantage: "outbound", authority: "ratings:9080", service: "reviews" });
  assert.deepEqual(parties, { caller: "reviews", callee: "ratings" });
});

test("without a service the authority is called, without its port", () => {
  const callee = (authority: string) => partiesOf({}, { vantage: "mirror", authority }).callee;
  const authorities = ["a.b:80", "a.b", "[::1]:8080", "[::1]", "10.0.0.1:"];
  assert.deepEqual(authorities.map(callee), ["a.b", "a.b", "[::1]", "[::1]", "10.0.0.1"]);
});

test("a proxy in front of the callee that names itself gives way to the certificate", () => {
  const seenAt = { vantage: "inbound", authority: "reviews:9080", service: "reviews" } as const;
  const { caller } = partiesOf({ callingCluster: "reviews.shop", clientCertificate: certificate }, seenAt);
  assert.equal(caller, "productpage.shop");
});

test("the service account that every workload has names nobody", () => {
  const clientCertificate = "URI=spiffe://cluster.local/ns/shop/sa/default";
  assert.deepEqual(partiesOf({ clientCertificate }, { vantage: "mirror", authority: "reviews" }), {
    callee: "reviews",
  });
});
