/** Two JSON texts to compare. */
export interface JsonShape {
  name: string;
  expected: string;
  actual: string;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Bodies as services send them, small to large, and the ways in which two of them differ. */
export function jsonShapes(): JsonShape[] {
  const order = orderOf(7);
  const page = { page: 1, orders: range(18).map(orderOf) };
  const large = { orders: range(5_000).map(orderOf) };
  const strings = range(20_000).map((at) => `value-${at}-${(at * 7919) % 104_729}`);
  const wide = range(60_000).map((at) => at * 3);
  const last = (orders: readonly Json[], change: Json): Json => ({ orders: [...orders.slice(0, -1), change] });
  return [
    shape("small, a value", order, { ...order, total: 4 }),
    shape("small, a member gone", order, without(order, "note")),
    shape("4 KB, a value", page, { ...page, orders: changed(page.orders, 9, (one) => ({ ...one, total: 4 })) }),
    shape("4 KB, a member added", page, { ...page, orders: changed(page.orders, 9, (one) => ({ ...one, more: 4 })) }),
    shape("4 KB, an element gone", page, { ...page, orders: page.orders.toSpliced(4, 1) }),
    shape("4 KB, other order of members", page, reversedMembers(page)),
    shape("1 MB, a value", large, last(large.orders, { ...orderOf(4_999), total: 4 })),
    shape("1 MB, every value", large, { orders: large.orders.map((one, at) => ({ ...one, total: at })) }),
    shape("1 MB, a member gone at the end", large, last(large.orders, without(orderOf(4_999), "note"))),
    shape("5,000 objects, one inserted first", large, { orders: [orderOf(9_999), ...large.orders] }),
    shape("5,000 objects, a member added to all", large, { orders: large.orders.map((one) => ({ ...one, extra: 1 })) }),
    shape("5,000 objects, the other way round", large, { orders: large.orders.toReversed() }),
    shape("20,000 strings, one inserted", strings, strings.toSpliced(10_000, 0, "new")),
    shape("20,000 strings, the other way round", strings, strings.toReversed()),
    shape("60,000 numbers, one gone", wide, wide.toSpliced(30_000, 1)),
    { name: "1,000 deep, a value", expected: nested(1_000, "1"), actual: nested(1_000, "2") },
    { name: "10,000 deep, a member added", expected: nested(10_000, "{}"), actual: nested(10_000, '{"a":1}') },
    { name: "20,000 deep, a value", expected: nested(20_000, "1"), actual: nested(20_000, "2") },
    { name: "100,000 deep, a value", expected: nested(100_000, "1"), actual: nested(100_000, "2") },
  ];
}

function shape(name: string, expected: Json, actual: Json): JsonShape {
  return { name, expected: JSON.stringify(expected), actual: JSON.stringify(actual) };
}

type Order = { [name: string]: Json };

function orderOf(at: number): Order {
  return {
    id: 100_000 + at,
    customer: `customer-${(at * 7919) % 10_007}`,
    total: ((at * 37) % 9_973) / 100,
    paid: at % 3 === 0,
    lines: [{ sku: `sku-${at % 97}`, count: (at % 5) + 1 }],
    note: "leave it at the door, please",
    at: `2026-01-${String((at % 27) + 1).padStart(2, "0")}T10:00:00Z`,
  };
}

function without(order: Order, name: string): Order {
  return Object.fromEntries(Object.entries(order).filter(([key]) => key !== name));
}

function changed(orders: readonly Order[], at: number, change: (order: Order) => Order): Order[] {
  return orders.map((order, index) => (index === at ? change(order) : order));
}

function reversedMembers(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversedMembers);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversedMembers(member)]),
  );
}

function nested(depth: number, inner: string): string {
  return `${'{"a":['.repeat(depth / 2)}${inner}${"]}".repeat(depth / 2)}`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
