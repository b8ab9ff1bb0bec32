import http2 from "node:http2";
import type { SecureOptions } from "./secure.js";

/**
 * Whether a target speaks HTTP/2: asked with a connection preface (over https with ALPN), which carries no request. A
 * server of HTTP/1.1 closes or answers 400. Neither within the time counts as no.
 */
export function speaksHttp2(origin: string, withinMs: number, secure: SecureOptions = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const session = http2.connect(origin, secure);
    const answer = (speaks: boolean) => {
      clearTimeout(timer);
      resolve(speaks);
      session.destroy();
    };
    const timer = setTimeout(() => answer(false), withinMs);
    session.once("remoteSettings", () => answer(true));
    session.on("error", () => answer(false));
    session.once("close", () => answer(false));
  });
}
