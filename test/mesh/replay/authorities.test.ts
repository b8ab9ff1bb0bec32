import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AuthorityRule,
  mapAuthorities,
  parseAuthorityRule,
  unusedRules,
} from "../../../mesh/replay/authorities.js";
import type { KnownService } from "../../../mesh/replay/services.js";

const service = (name: string, ...ports: (number | [number, string])[]): KnownService => ({
  name,
  ports: ports.map((port) => {
    const [number, of] = typeof port === "number" ? [port, undefined] : port;
    return { ...{ number, isTls: false, targetPort: number }, ...(of === undefined ? {} : { name: of }) };
  }),
});
const shop = [
  service("reviews", 9080),
  service("ratings", [8080, "http-web"], [9090, "grpc-admin"], [7000, "tcp"]),
  service("api", 80, 8443),
];
const mapped = (authorities: string[], rules: string[] = [], services = shop) =>
  mapAuthorities(authorities, services, { namespace: "staging", rules: rules.map(parseAuthorityRule) }).map(
    ({ authority, service: name, port }) => `${authority} ${name}:${port.number}`,
  );
const refusal = (authority: string, ...rules: string[]) => {
  try {
    mapped([authority], rules);
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return assert.fail(`${authority} was mapped`);
};

test("every form of a Service's name leads to the Service", () => {
  const forms = ["reviews", "reviews.shop", "reviews.shop.svc", "reviews.shop.svc.cluster.local", "Reviews.Shop.svc."];
  assert.deepEqual(
    mapped(forms.flatMap((form) => [form, `${form}:9080`])),
    forms.flatMap((form) => [`${form} reviews:9080`, `${form}:9080 reviews:9080`]),
  );
  assert.deepEqual(mapped(["reviews-0.reviews.shop.svc.cluster.local"]), [
    "reviews-0.reviews.shop.svc.cluster.local reviews:9080",
  ]);
});

test("of several ports the recorded one is taken, else the usual one; else it has to be said", () => {
  assert.deepEqual(mapped(["ratings:7000", "api", "api:8443"]), [
    "ratings:7000 ratings:7000",
    "api api:80",
    "api:8443 api:8443",
  ]);
  assert.match(
    refusal("ratings:1"),
    /Service ratings has no port 1 .*8080 \(http-web\), 9090 \(grpc-admin\), 7000 \(tcp\)/,
  );
  assert.match(refusal("ratings"), /no port 80 .*--map ratings=ratings:PORT/);
  assert.deepEqual(mapped(["ratings"], ["ratings=ratings:9090"]), ["ratings ratings:9090"]);
});

test("a host without a Service is refused by its name, with the nearest there is, until it is mapped", () => {
  assert.match(
    refusal("review:9080"),
    /recorded to review:9080, .* the nearest is reviews; .*--map review:9080=SERVICE/,
  );
  assert.match(refusal("shop.example.com"), /no Service of that name; it has reviews, ratings, api/);
  // Its first label is the name of a Service, which says nothing of a host outside.
  assert.match(refusal("api.stripe.com"), /recorded to api.stripe.com/);
  assert.match(refusal("10.0.0.7:9080"), /recorded to 10.0.0.7:9080/);
  assert.match(refusal("[::1]:9080"), /recorded to \[::1\]:9080/);
  assert.deepEqual(mapped(["shop.example.com", "[::1]:9080"], ["shop.example.com=api", "[::1]=reviews"]), [
    "shop.example.com api:80",
    "[::1]:9080 reviews:9080",
  ]);
  assert.match(refusal("x.example", "x.example=review"), /has no such Service; the nearest is reviews/);
  assert.match(refusal("x.example", "x.example=reviews:1"), /Service reviews has no port 1/);
});

test("a rule with a port goes before one without; two for one host contradict each other", () => {
  const rules = ["shop.example=reviews", "shop.example:8443=api:8443"];
  assert.deepEqual(mapped(["shop.example:9080", "shop.example:8443"], rules), [
    "shop.example:9080 reviews:9080",
    "shop.example:8443 api:8443",
  ]);
  assert.throws(() => mapped(["a"], ["a=reviews", "a=api"]), /a cannot go to reviews and to api/);
  const unused = unusedRules(rules.map(parseAuthorityRule), ["shop.example:1"]);
  assert.deepEqual(
    unused.map(({ from }) => from),
    ["shop.example:8443"],
  );
  for (const wrong of ["reviews", "a=", "=b", "a=b:x", "a=B", "a=b.c"]) {
    assert.throws(() => parseAuthorityRule(wrong), /write RECORDED=SERVICE\[:PORT\]/);
  }
});

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
const services = fc.uniqueArray(
  fc.record({
    name: label,
    numbers: fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 3 }),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 6 },
);

test("whatever the names and ports: a named port of a Service is found in every form, and nothing leads elsewhere", () => {
  fc.assert(
    fc.property(
      services,
      label,
      fc.nat(),
      fc.nat(),
      fc.constantFrom("", "NS", "NS.svc", "NS.svc.a.b"),
      (made, ns, one, which, form) => {
        const known = made.map(({ name, numbers }) => service(name, ...numbers));
        const { name, numbers } = made[one % made.length]!;
        const port = numbers[which % numbers.length]!;
        const host = form === "" ? name : `${name}.${form.replace("NS", ns)}`;
        assert.deepEqual(mapped([`${host}:${port}`], [], known), [`${host}:${port} ${name}:${port}`]);
      },
    ),
  );
});

test("whatever was recorded: it goes to a port that a Service has, or is refused", () => {
  const text = fc.oneof(
    fc.string(),
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((ip) => `[${ip}]`),
    label,
  );
  const authority = fc
    .tuple(text, fc.option(fc.nat(70_000)))
    .map(([host, port]) => (port === null ? host : `${host}:${port}`));
  const rule = fc.tuple(text, label).map(([from, to]): AuthorityRule => ({ from, service: to }));
  fc.assert(
    fc.property(fc.array(authority), services, fc.array(rule, { maxLength: 3 }), (authorities, made, rules) => {
      const known = made.map(({ name, numbers }) => service(name, ...numbers));
      let result: ReturnType<typeof mapAuthorities>;
      try {
        result = mapAuthorities(authorities, known, { namespace: "n", rules });
      } catch (thrown) {
        assert.equal((thrown as Error).name, "OperatorError");
        return;
      }
      assert.deepEqual(
        result.map((one) => one.authority),
        authorities,
      );
      for (const { service: to, port } of result) {
        const found = known.find(({ name }) => name === to);
        assert.ok(found?.ports.includes(port));
      }
    }),
  );
});
