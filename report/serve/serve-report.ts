import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { OperatorError, reasonOf } from "../../base/index.js";
import type { RunReader, RunSummary, Severity } from "../../tape/index.js";
import { contentPolicy, documentAround } from "../html/document.js";
import { type Html, html } from "../html/escape.js";
import { favicon } from "../html/icon.js";
import { renderHtml } from "../html.js";
import { type ExchangeFilter, indexExchanges, type Served } from "./exchange-index.js";
import { exchangePage } from "./exchange-page.js";
import { listPage } from "./list-page.js";

/** A report that is being served. */
export interface ServedReport {
  /** `http://127.0.0.1:41234/`. */
  url: string;
  /** Ends every connection. */
  close(): Promise<void>;
}

/**
 * Serves a run on this machine alone: the report, and every divergent exchange from the run file, a page at a time. It
 * only reads. Throws an OperatorError for an address that is not of this machine, or cannot be listened on.
 */
export async function serveReport(
  summary: RunSummary,
  run: RunReader,
  { host, port }: { host: string; port: number },
): Promise<ServedReport> {
  if (!isLoopback(host))
    throw new OperatorError(
      `cannot serve the report on "${host}": it shows answers, so it is served on this machine alone; name 127.0.0.1, ::1 or localhost, and forward the port`,
    );
  const served: Served = { summary, run, index: indexExchanges(summary, run) };
  const front = renderHtml(summary, run, { exchanges: "/exchanges" });
  const server = createServer((request, response) => respond(request, response, served, front));
  await new Promise<void>((resolve, reject) => {
    const refused = (cause: Error) =>
      reject(
        new OperatorError(`cannot serve the report on ${host}:${port}: ${reasonOf(cause)}; name another port`, {
          cause,
        }),
      );
    server.once("error", refused).listen(port, host, () => resolve(void server.off("error", refused)));
  });
  const { address, port: bound, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** 127.0.0.0/8 (RFC 1122, 3.2.1.3), ::1, and the name that always means them (RFC 6761, 6.3). */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

type Page = { status: 200; text: string } | { status: 400 | 404 | 405; text: string };

function respond(request: IncomingMessage, response: ServerResponse, served: Served, front: string): void {
  const { status, text } = pageFor(request, served, front);
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "content-security-policy": `${contentPolicy("self")}; frame-ancestors 'none'`,
    ...{ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store" },
    ...{ "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin" },
  });
  response.end(request.method === "HEAD" ? undefined : text);
}

function pageFor({ method, url = "", headers }: IncomingMessage, served: Served, front: string): Page {
  if (method !== "GET" && method !== "HEAD") return told(405, "Only reading is possible here.", served);
  // A page elsewhere whose name was pointed at this machine must not read what is served here (DNS rebinding).
  if (!isLoopback(hostOf(headers.host))) return told(400, "This is served on this machine alone.", served);
  if (!URL.canParse(url, "http://localhost")) return told(400, "No such address.", served);
  const asked = new URL(url, "http://localhost");
  if (asked.pathname === "/") return { status: 200, text: front };
  if (asked.pathname === "/exchanges") return list(asked.searchParams, served);
  const step = /^\/exchanges\/(\d{1,15})$/.exec(asked.pathname)?.[1];
  const record = step === undefined ? undefined : served.run.step(Number(step));
  if (record === undefined) return told(404, "There is nothing at this address.", served);
  return { status: 200, text: documentOf(exchangePage(served, record), `Exchange ${record.exchangeId}`, served) };
}

/** The name or address of a Host field, without its port. */
function hostOf(host = ""): string {
  return host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
}

function list(query: URLSearchParams, served: Served): Page {
  const page = Number(query.get("page") ?? "1");
  const filter = filterOf(query);
  if (filter === undefined || !Number.isSafeInteger(page) || page < 1)
    return told(400, "The filter cannot be read: group and page are numbers, severity is high, medium or low.", served);
  return { status: 200, text: documentOf(listPage(served, filter, page), "Exchanges that differ", served) };
}

function filterOf(query: URLSearchParams): ExchangeFilter | undefined {
  const [group, route, severity] = [query.get("group") ?? "", query.get("route") ?? "", query.get("severity") ?? ""];
  if (!/^\d{0,9}$/.test(group) || !["", "high", "medium", "low"].includes(severity)) return undefined;
  return {
    ...(group === "" ? {} : { group: Number(group) }),
    ...(route === "" ? {} : { route }),
    ...(severity === "" ? {} : { severity: severity as Severity }),
  };
}

function told(status: 400 | 404 | 405, text: string, served: Served): Page {
  const page = html`<div class="page"><main><h1 class="title">${text}</h1><p class="back"><a href="/">← the report</a></p></main></div>`;
  return { status, text: documentOf(page, text, served) };
}

function documentOf(page: Html, title: string, { summary }: Served): string {
  return documentAround(page, { title, icon: favicon(summary.verdict), forms: "self" });
}
