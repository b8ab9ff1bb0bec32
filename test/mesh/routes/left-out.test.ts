import assert from "node:assert/strict";
import { test } from "node:test";
import { delegatedBy, leftOutOf } from "../../../mesh/routes/left-out.js";
import { virtualService } from "../../support/cluster.js";

const route = [{ destination: { host: "front" } }];
const front = (hosts: string[], ...http: object[]) => ({ ...virtualService("shop", "front"), spec: { hosts, http } });

test("calls to other hosts are said to be left as they are", () => {
  assert.deepEqual(leftOutOf(front(["front"], { route }), ["front"]), []);
  assert.deepEqual(leftOutOf(front(["front", "shop.example.com", "old"], { route }), ["front", "old"]), [
    "VirtualService front is for shop.example.com, too: calls to it are left as they are",
  ]);
});

test("requests that are delegated are said with where they go", () => {
  const pages = { match: [{ uri: { prefix: "/page" } }, { uri: { exact: "/" }, method: { exact: "GET" } }] };
  const http = [
    { ...pages, delegate: { name: "front-pages" } },
    { match: [{ headers: { "end-user": { exact: "a" } } }], delegate: { name: "more", namespace: "ops" } },
    { delegate: { name: "rest" } },
  ];
  assert.deepEqual(
    delegatedBy(front(["front"], { route }, ...http)).map(({ at, name, namespace }) => [at, namespace, name]),
    [
      [1, "shop", "front-pages"],
      [2, "ops", "more"],
      [3, "shop", "rest"],
    ],
  );
  assert.deepEqual(leftOutOf(front(["front"], ...http), ["front"]), [
    "VirtualService front leaves out requests with path /page… or path / and method, which it delegates to VirtualService front-pages in namespace shop; requests with header end-user, which it delegates to VirtualService more in namespace ops; all requests, which it delegates to VirtualService rest in namespace shop",
  ]);
});
