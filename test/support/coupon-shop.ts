import http from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/**
 * A shop that keeps state between calls, in two versions. `PUT /coupons/{code}` sets a discount, `GET /quotes/{code}` prices
 * 100 with it; `POST /notes` and `GET /items/{n}` have nothing to do with that. `DELETE /state` forgets all. The new version
 * lost the bound of 100 %: a coupon of more makes a price below nothing.
 */
export async function startCouponShop(t: TestContext, version: "old" | "new"): Promise<string> {
  const coupons = new Map<string, number>();
  let notes = 0;
  const answer = (method: string, path: string, body: string): [status: number, json: object] => {
    const [, kind, name = ""] = path.split("/");
    if (path === "/state" && method === "DELETE") {
      coupons.clear();
      notes = 0;
      return [200, {}];
    }
    if (kind === "coupons" && method === "PUT") {
      coupons.set(name, (JSON.parse(body) as { percent: number }).percent);
      return [200, { code: name }];
    }
    if (kind === "notes") return [201, { notes: ++notes > 0 }];
    if (kind === "items") return [200, { item: Number(name), name: `thing ${name}` }];
    if (kind !== "quotes") return [404, {}];
    const percent = coupons.get(name) ?? 0;
    return [200, { price: 100 - (version === "old" ? Math.min(percent, 100) : percent) }];
  };
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => {
      body += piece.toString();
    });
    request.on("end", () => {
      const [status, json] = answer(request.method!, request.url!, body);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
