import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OperatorError } from "../../base/index.js";
import { parseVirtualServices } from "../../virtual-service/index.js";
import { toReviews, virtualServicesOf } from "../support/virtual-service.js";

const head = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: [reviews]
  http:
`;

function messageOf(yaml: string): string {
  try {
    parseVirtualServices(yaml, "faults.yaml");
  } catch (thrown) {
    assert.ok(thrown instanceof OperatorError);
    assert.equal(thrown.exitCode, 2);
    return thrown.message;
  }
  return "accepted";
}

test("all that the subset has is taken, from every document of a file", () => {
  const [first, second, ...others] = parseVirtualServices(
    `${head}  - name: slow
    match: [{uri: {prefix: /reviews}, method: {exact: GET}, headers: {x-user: {regex: "a.*"}, x-flag: {}}, withoutHeaders: {x-off: {exact: "1"}}}]
    route: [{destination: {host: reviews, subset: v1, port: {number: 9080}}, weight: 80}, {destination: {host: reviews, subset: v2}, weight: 20}]
    fault: {delay: {fixedDelay: 1.5s, percentage: {value: 10}}, abort: {httpStatus: 503, percentage: {value: 0.1}}}
    mirrors: [{destination: {host: recorder}, percentage: {value: 50}}]
---
---
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: ratings, namespace: shop, labels: {a: b}}
spec: {hosts: [ratings], http: [{route: [{destination: {host: ratings}}], mirror: {host: recorder}, mirrorPercentage: {value: 100}}]}
`,
    "faults.yaml",
  );
  assert.deepEqual([first?.metadata.name, second?.metadata.name, others.length], ["reviews", "ratings", 0]);
  assert.equal(first?.spec.http[0]?.fault?.delay?.fixedDelay, "1.5s");
});

test("what is not in the subset is refused by its name, with its line and what is known there", () => {
  const cases: [yaml: string, line: number, words: RegExp][] = [
    [
      `${head}  - route: [{destination: {host: reviews}}]\n    retries: {attempts: 3}\n`,
      9,
      /spec\.http\[0\]\.retries is not in the subset that the lab obeys; known: name, match, route, fault/,
    ],
    [
      `${head}  - route: [{destination: {host: reviews}}]\n    retries:\n\n      attempts: 3\n`,
      9,
      /spec\.http\[0\]\.retries is not/,
    ],
    [
      `${head}  - route: [{destination: {host: reviews}}]\n    timeout: 1s\n`,
      9,
      /spec\.http\[0\]\.timeout is not in the subset/,
    ],
    [
      `${head}  - route:\n    - destination:\n        host: a\n        weight: 5\n`,
      11,
      /spec\.http\[0\]\.route\[0\]\.destination\.weight is not in the subset .* known: host, subset, port/,
    ],
    [
      `${head}  - match: [{queryParams: {a: {exact: b}}}]\n    route: [{destination: {host: a}}]\n`,
      8,
      /spec\.http\[0\]\.match\[0\]\.queryParams is not/,
    ],
    [
      `${head}  - match: [{uri: {suffix: b}}]\n    route: [{destination: {host: a}}]\n`,
      8,
      /match\[0\]\.uri\.suffix is not .*known: exact, prefix, regex/,
    ],
    [
      `${head}  - match: [{headers: {x-a: {suffix: b}}}]\n    route: [{destination: {host: a}}]\n`,
      8,
      /headers\.x-a\.suffix is not .*known: exact, prefix, regex/,
    ],
    [
      `${head}  - route: [{destination: {host: a}}]\n    fault: {delay: {fixedDelay: 1s, percent: 5}}\n`,
      9,
      /fault\.delay\.percent is not .*known: fixedDelay, percentage/,
    ],
    [
      `${head}  - route: [{destination: {host: a}}]\n    fault: {rateLimit: {}}\n`,
      9,
      /fault\.rateLimit is not .*known: delay, abort/,
    ],
    [`${head}  - redirect: {uri: /x}\n`, 8, /spec\.http\[0\]/],
    [
      `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hosts: [a]\n  tls: []\n  http: [{route: [{destination: {host: a}}]}]\n`,
      6,
      /spec\.tls is not in the subset .*known: hosts, http/,
    ],
  ];
  for (const [yaml, line, words] of cases) {
    assert.match(messageOf(yaml), words);
    assert.match(messageOf(yaml), new RegExp(`^cannot use faults\\.yaml:${line}: `), messageOf(yaml));
  }
});

test("a value that Istio would refuse or never obey is refused with its place", () => {
  const route = "route: [{destination: {host: a}}]";
  const cases: [http: string, words: RegExp][] = [
    [`${route}, fault: {delay: {fixedDelay: soon}}`, /delay\.fixedDelay: must be a duration/],
    [`${route}, fault: {delay: {fixedDelay: 0s}}`, /delay\.fixedDelay: must be a duration of at least 1 ms/],
    [`${route}, fault: {abort: {percentage: {value: 1}}}`, /fault\.abort: must have either httpStatus or grpcStatus/],
    [`${route}, fault: {abort: {httpStatus: 503, grpcStatus: UNAVAILABLE}}`, /either httpStatus or grpcStatus/],
    [`${route}, fault: {abort: {grpcStatus: GONE}}`, /grpcStatus: is no gRPC status/],
    [`${route}, fault: {abort: {httpStatus: 999}}`, /abort\.httpStatus: /],
    [`${route}, fault: {abort: {httpStatus: 500, percentage: {value: 101}}}`, /percentage\.value: /],
    [`${route}, match: [{uri: {regex: "("}}]`, /uri\.regex: is no regular expression/],
    [`${route}, match: [{uri: {exact: /a, prefix: /b}}]`, /uri: must have one of exact, prefix, regex/],
    [`${route}, match: [{headers: {X-A: {exact: b}}}]`, /header names in a match are lower case/],
    [`${route}, match: [{headers: {uri: {exact: b}}}]`, /it is matched by a field of its own/],
    [`${route}, mirror: {host: m}, mirrors: [{destination: {host: m}}]`, /mirrors: cannot stand beside mirror/],
    [`${route}, mirrorPercentage: {value: 5}`, /mirrorPercentage: needs a mirror/],
    ["route: [{destination: {host: a}}, {destination: {host: b}}]", /weights that are above 0/],
    ["route: []", /spec\.http\[0\]\.route: /],
  ];
  for (const [http, words] of cases) assert.match(messageOf(`${head}  - {${http}}\n`), words);
});

test("documents that are no VirtualService are refused", () => {
  assert.match(messageOf("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"), /faults\.yaml:1: apiVersion: /);
  assert.match(messageOf("- a\n- b\n"), /faults\.yaml:1: /);
  assert.match(messageOf("a: [1\nb: 2\n"), /faults\.yaml:2: /);
});

test("two VirtualServices for one host are refused with both names", () => {
  const other = head.replace("name: reviews", "name: more").replace("[reviews]", "[reviews.svc.cluster.local, x]");
  const route = "  - route: [{destination: {host: a}}]\n";
  assert.equal(
    messageOf(`${head}${route}---\n${other.replace("[reviews.svc.cluster.local, x]", "[x]")}${route}`),
    "accepted",
  );
  assert.match(messageOf(`${head}${route}---\n${other}${route}`), /"reviews" and "more" are both for host reviews/);
});

test("whatever the text, it is taken or refused with an OperatorError of one line", () => {
  const keys = fc.constantFrom(
    "apiVersion",
    "kind",
    "spec",
    "http",
    "route",
    "fault",
    "metadata",
    "- ",
    ": ",
    "\n",
    "{",
    "}",
    "[",
    "!!x ",
    "&a ",
    "*a",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(keys).map((parts) => parts.join("")),
      ),
      (text) => {
        assert.doesNotMatch(messageOf(text), /\n/);
      },
    ),
  );
});

test("a text without documents holds no VirtualServices", () => {
  assert.deepEqual(parseVirtualServices("", "empty.yaml"), []);
  assert.equal(virtualServicesOf({ route: toReviews }).length, 1);
});
