import { createHmac, randomBytes, randomInt, randomUUID } from "node:crypto";
import http from "node:http";

/**
 * A shop whose every answer depends on what it answered before, run as a process of its own: its ids, tokens and secrets
 * are other ones at each start, and what does not belong together is refused. Prints `{"port":N}` when it listens.
 * `SHOP_PASSWORD` is everybody's password. With `SHOP_BREAKS=orders` it loses every third order.
 */
const password = process.env.SHOP_PASSWORD ?? "";
const breaksOrders = process.env.SHOP_BREAKS === "orders";
const signingKey = randomBytes(32);

interface Order {
  id: number;
  user: string;
  cart: string;
  total: number;
  paid: boolean;
}
interface Cart {
  id: string;
  user: string;
  csrf: string;
  lines: Map<number, { product: string; qty: number }>;
}

const users = new Map<string, { id: string; name: string; email: string }>();
const visits = new Map<string, string>();
const sessions = new Map<string, string>();
const tokens = new Set<string>();
const carts = new Map<string, Cart>();
const orders = new Map<number, Order>();
const cursors = new Map<string, number>();
const nonces = new Map<string, number>();
const products = Array.from({ length: 9 }, (_, at) => ({ id: randomUUID(), name: `Book ${at + 1}`, price: 10 + at }));
let nextOrder = randomInt(1_000_000, 9_000_000);
let nextLine = Number(process.env.SHOP_FIRST_LINE);
let ordersMade = 0;

interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  cookies: ReadonlyMap<string, string>;
  body: string;
}
interface Reply {
  status: number;
  headers?: Record<string, string | string[]>;
  json?: unknown;
  html?: string;
}

const refused = (status: number, why: string): Reply => ({ status, json: { error: why } });

function reply(call: Call): Reply {
  const at = `${call.method} ${call.path}`;
  if (at === "GET /login") return loginPage();
  if (at === "POST /login") return login(call);
  if (at === "POST /api/token") return token(call);
  if (at === "GET /health") return { status: 200, json: { ok: true } };
  const user = bearerOf(call) ?? sessions.get(call.cookies.get("sid") ?? "");
  if (user === undefined) return refused(401, "who are you");
  const [, kind = "", id = "", more = "", last = ""] = call.path.split("/");
  switch (kind) {
    case "account":
      return account(call, user, id);
    case "products":
      return listProducts(call);
    case "cart":
      return cart(call, user, id, more, last);
    case "orders":
      return order(call, user, id, more);
    case "session":
      return logout(call);
    default:
      return refused(404, "no such page");
  }
}

function loginPage(): Reply {
  const [visit, csrf] = [randomBytes(18).toString("base64url"), randomBytes(16).toString("hex")];
  visits.set(visit, csrf);
  return {
    status: 200,
    headers: { "set-cookie": [`visit=${visit}; Path=/login; HttpOnly`, "lang=en; Path=/"] },
    html: `<html><body><form action="/login" method="post"><input name="username"><input type="password" name="password"><input type="hidden" name="csrf" value="${csrf}"></form></body></html>`,
  };
}

function login({ cookies, body }: Call): Reply {
  const form = new URLSearchParams(body);
  if (visits.get(cookies.get("visit") ?? "") !== form.get("csrf")) return refused(403, "csrf");
  if (form.get("password") !== password) return refused(401, "password");
  const user = userOf(form.get("username") ?? "");
  const sid = `s%3A${randomBytes(16).toString("hex")}`;
  sessions.set(decodeURIComponent(sid), user.name);
  return {
    status: 303,
    headers: {
      location: `/account/${user.id}`,
      "set-cookie": [`sid=${sid}; Path=/; HttpOnly; Max-Age=3600`, "visit=; Path=/login; Max-Age=0"],
    },
  };
}

function userOf(name: string) {
  const known = users.get(name) ?? { id: randomUUID(), name, email: "" };
  users.set(name, known);
  return known;
}

function token({ body }: Call): Reply {
  const given = JSON.parse(body) as { username: string; password: string };
  if (given.password !== password) return refused(401, "password");
  const user = userOf(given.username);
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const parts = [
    { alg: "HS256", typ: "JWT" },
    { sub: user.id, name: user.name, jti: randomUUID(), exp: expires },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const access = `${text}.${createHmac("sha256", signingKey).update(text).digest("base64url")}`;
  tokens.add(access);
  return { status: 200, json: { access_token: access, token_type: "Bearer", expires_in: 3600 } };
}

function bearerOf({ headers }: Call): string | undefined {
  const given = headers.authorization?.replace(/^Bearer /, "");
  if (given === undefined || !tokens.has(given)) return undefined;
  return (JSON.parse(Buffer.from(given.split(".")[1]!, "base64url").toString()) as { name: string }).name;
}

function account({ method, body }: Call, name: string, id: string): Reply {
  const user = users.get(name)!;
  if (user.id !== id) return refused(404, "no such account");
  if (method === "PATCH") user.email = (JSON.parse(body) as { email: string }).email;
  return { status: 200, json: { ...user, seenAt: new Date().toISOString() } };
}

function listProducts({ query }: Call): Reply {
  const cursor = query.get("cursor");
  const from = cursor === null ? 0 : cursors.get(cursor);
  if (from === undefined) return refused(400, "no such cursor");
  const items = products.slice(from, from + 3);
  const next = Buffer.from(`cursor:${randomInt(10_000_000, 99_999_999)}`).toString("base64");
  if (from + 3 < products.length) cursors.set(next, from + 3);
  return { status: 200, json: { items, next: from + 3 < products.length ? next : null } };
}

function cart(call: Call, user: string, id: string, more: string, line: string): Reply {
  if (call.method === "POST" && id === "") return newCart(user);
  const known = carts.get(id);
  if (known === undefined || known.user !== user) return refused(404, "no such cart");
  if (call.method === "GET") return { status: 200, json: cartOf(known) };
  if (call.headers["x-csrf-token"] !== known.csrf) return refused(403, "csrf");
  if (call.method === "POST" && more === "lines") {
    const { productId: product, qty } = JSON.parse(call.body) as { productId: string; qty: number };
    if (!products.some((one) => one.id === product)) return refused(422, "no such product");
    const lineId = nextLine++;
    known.lines.set(lineId, { product, qty });
    return { status: 201, json: { lineId, productId: product, qty, cart: `/cart/${id}` } };
  }
  if (call.method === "DELETE" && more === "lines" && known.lines.delete(Number(line))) return { status: 204 };
  return refused(404, "no such line");
}

function newCart(user: string): Reply {
  const made: Cart = {
    id: `c_${randomBytes(6).toString("hex")}`,
    user,
    csrf: randomBytes(12).toString("base64url"),
    lines: new Map(),
  };
  carts.set(made.id, made);
  return { status: 201, headers: { location: `/cart/${made.id}` }, json: { cartId: made.id, csrfToken: made.csrf } };
}

function cartOf({ id, lines }: Cart) {
  return { id, lines: [...lines].map(([lineId, line]) => ({ lineId, ...line })) };
}

function order(call: Call, user: string, id: string, more: string): Reply {
  if (call.method === "POST" && id === "") return newOrder(call, user);
  if (id === "") return { status: 200, json: { orders: [...orders.values()].filter((one) => one.user === user) } };
  const known = orders.get(Number(id));
  if (known === undefined || known.user !== user) return refused(404, "no such order");
  if (call.method === "GET") return { status: 200, json: { ...known, note: `Order ${id} of ${user}` } };
  if (more === "pay") return pay(call, known);
  return refused(404, "no such page");
}

function newOrder({ body }: Call, user: string): Reply {
  const { cartId } = JSON.parse(body) as { cartId: string };
  const from = carts.get(cartId);
  if (from === undefined || from.user !== user) return refused(422, "no such cart");
  if (breaksOrders && ++ordersMade % 3 === 0) return refused(500, "the order book is full");
  const total = [...from.lines.values()].reduce((sum, { qty }) => sum + qty, 0);
  const made: Order = { id: nextOrder++, user, cart: cartId, total, paid: false };
  orders.set(made.id, made);
  const nonce = randomBytes(12).toString("hex");
  nonces.set(nonce, made.id);
  return { status: 201, headers: { location: `/orders/${made.id}?nonce=${nonce}` }, json: made };
}

function pay({ query, body }: Call, known: Order): Reply {
  const { orderId, state } = JSON.parse(body) as { orderId: unknown; state: string };
  const inside = JSON.parse(Buffer.from(state, "base64").toString()) as { order: number };
  const nonce = query.get("nonce") ?? "";
  if (orderId !== known.id || inside.order !== known.id || nonces.get(nonce) !== known.id)
    return refused(409, "not this one");
  known.paid = true;
  return { status: 200, json: { ...known, receipt: randomUUID() } };
}

function logout({ cookies }: Call): Reply {
  const sid = decodeURIComponent(cookies.get("sid") ?? "");
  if (!sessions.delete(sid)) return refused(401, "who are you");
  return { status: 204, headers: { "set-cookie": ["sid=; Path=/; Max-Age=0"] } };
}

const server = http.createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const url = new URL(request.url!, "http://shop");
  const pairs = (request.headers.cookie ?? "").split(/; */).map((pair) => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, equals), decodeURIComponent(pair.slice(equals + 1))] as const;
  });
  const {
    status,
    headers = {},
    json,
    html,
  } = reply({
    method: request.method!,
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    cookies: new Map(pairs),
    body: Buffer.concat(pieces).toString("utf8"),
  });
  const body = html ?? (json === undefined ? "" : JSON.stringify(json));
  const type = html === undefined ? "application/json" : "text/html; charset=utf-8";
  response.writeHead(status, { ...(body === "" ? {} : { "content-type": type }), ...headers }).end(body);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as { port: number }).port })}\n`);
});
