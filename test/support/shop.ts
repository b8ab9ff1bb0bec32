import { join } from "node:path";
import type { TestContext } from "node:test";
import { startChild } from "./child.js";
import { compiledFolder } from "./project.js";

export const shopPassword = "correct-horse-battery";

/** More lines than the carts of all customers have. */
const linesOfAShop = 40;
let shops = 0;

/**
 * Starts a shop as a process: all its ids and secrets are new. Gives its port. Its lines are numbered as those of no
 * other: where a baseline happened to number as the recorded shop did, a candidate that does not would rightly diverge.
 */
export async function startShop(t: TestContext, env: Record<string, string> = {}): Promise<number> {
  const file = join(compiledFolder, "test/support/shop-process.js");
  const firstLine = 11 + linesOfAShop * shops++;
  const child = startChild(t, process.execPath, [file], {
    env: { PATH: process.env.PATH, SHOP_PASSWORD: shopPassword, SHOP_FIRST_LINE: String(firstLine), ...env },
  });
  return (JSON.parse(await child.firstLine()) as { port: number }).port;
}

type Answered = { status: number; headers: Headers; json: Record<string, unknown>; text: string };

/** One customer with a cookie jar of their own (by name alone). */
class Customer {
  readonly #cookies = new Map<string, string>();
  readonly #headers: Record<string, string> = {};

  constructor(
    private readonly port: number,
    readonly name: string,
  ) {}

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const isForm = body instanceof URLSearchParams;
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...this.#headers,
        ...(cookie === "" ? {} : { cookie }),
        ...(body === undefined || isForm ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 400)
      throw new Error(`${this.name}: ${method} ${path} was answered ${response.status} ${text}`);
    for (const field of response.headers.getSetCookie()) this.#keep(field);
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} };
  }

  #keep(field: string): void {
    const [pair = ""] = field.split(";");
    const [name = "", value = ""] = pair.split("=");
    if (/max-age=0/i.test(field)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }

  async logInByForm(): Promise<string> {
    const page = await this.call("GET", "/login");
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)![1]!;
    const form = new URLSearchParams({ username: this.name, password: shopPassword, csrf });
    const answer = await this.call("POST", "/login", form);
    return answer.headers.get("location")!;
  }

  async logInByToken(): Promise<void> {
    const { json } = await this.call("POST", "/api/token", { username: this.name, password: shopPassword });
    this.#headers.authorization = `Bearer ${String(json.access_token)}`;
  }

  /** All pages of the products; gives the ids. */
  async browse(): Promise<string[]> {
    const ids: string[] = [];
    for (let path = "/products?limit=3"; ; ) {
      const { json } = await this.call("GET", path);
      ids.push(...(json.items as { id: string }[]).map(({ id }) => id));
      if (json.next === null) return ids;
      path = `/products?limit=3&cursor=${encodeURIComponent(String(json.next))}`;
    }
  }

  async buy(productIds: readonly string[]): Promise<void> {
    const { json: cart } = await this.call("POST", "/cart");
    const [id, csrf] = [String(cart.cartId), String(cart.csrfToken)];
    const lines: number[] = [];
    for (const [at, productId] of productIds.entries()) {
      const headers = { "x-csrf-token": csrf };
      const { json } = await this.call("POST", `/cart/${id}/lines`, { productId, qty: at + 1 }, headers);
      lines.push(json.lineId as number);
    }
    await this.call("DELETE", `/cart/${id}/lines/${lines[0]}`, undefined, { "x-csrf-token": csrf });
    await this.call("GET", `/cart/${id}`);
    const made = await this.call("POST", "/orders", { cartId: id });
    const order = made.json.id as number;
    await this.call("GET", `/orders/${order}`);
    const nonce = new URL(made.headers.get("location")!, "http://shop").searchParams.get("nonce")!;
    const state = Buffer.from(JSON.stringify({ order, step: "pay" })).toString("base64");
    await this.call("POST", `/orders/${order}/pay?nonce=${nonce}`, { orderId: order, state });
    await this.call("GET", "/orders");
  }
}

/** One customer at a browser: form, cookies, an account with an e-mail address, an order, the way out. */
async function shopByBrowser(port: number, name: string): Promise<void> {
  const customer = new Customer(port, name);
  const account = await customer.logInByForm();
  await customer.call("GET", account);
  await customer.call("PATCH", account, { email: `${name}@customers.test.org` });
  const ids = await customer.browse();
  await customer.buy([ids[1]!, ids[4]!]);
  await customer.call("GET", account);
  await customer.call("DELETE", "/session");
}

/** One customer with an app: a bearer token. Buys twice. */
async function shopByApp(port: number, name: string): Promise<void> {
  const customer = new Customer(port, name);
  await customer.logInByToken();
  const ids = await customer.browse();
  await customer.buy([ids[8]!, ids[0]!, ids[3]!]);
  await customer.buy([ids[2]!]);
}

/** Six customers at the same time, so that their calls interleave. */
export async function shopTogether(port: number): Promise<void> {
  await Promise.all([
    shopByBrowser(port, "alice"),
    shopByApp(port, "bob"),
    shopByBrowser(port, "carla"),
    shopByApp(port, "dmitri"),
    shopByBrowser(port, "erin"),
    shopByApp(port, "femi"),
  ]);
}
