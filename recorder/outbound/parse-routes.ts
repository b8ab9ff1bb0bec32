import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { check, defined, OperatorError, reasonOf } from "../../base/index.js";
import { type UpstreamAddress, type UpstreamTls, upstreamAddress } from "../forward/upstream-address.js";
import { hostAndPort, type OutboundRoutes } from "./routes.js";

const hostPattern = z.string().refine((text) => {
  const { host, port } = hostAndPort(text);
  return /^(\*|(\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/i.test(host) && Number(port) <= 65_535;
}, "must be a host such as reviews, reviews:9080 or *.shop.svc");
const upstreamUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "";
}, "must be a URL such as http://127.0.0.1:9080, without a path");
const tlsFiles = z.strictObject({
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
  serverName: z.string().min(1).optional(),
});
const target = { upstream: upstreamUrl, tls: tlsFiles.optional() };
const routesFile = z.strictObject({
  routes: z.array(z.strictObject({ host: hostPattern, ...target })).default([]),
  default: z.union([z.literal("as-named"), z.strictObject(target)]).optional(),
  allow: z.array(hostPattern).optional(),
});
type Target = z.output<z.ZodObject<typeof target>>;

/**
 * A routes file:
 *
 * ```yaml
 * routes:
 *   - { host: reviews, upstream: "http://127.0.0.1:9081" }
 *   - { host: "*.pay.example", upstream: "https://pay.example", tls: { ca: pay-ca.pem } }
 * default: as-named
 * allow: ["*.svc.cluster.local"]
 * ```
 *
 * Throws an OperatorError that names the file and the place in it.
 *
 * @param readTls contents of the files that a `tls` names; throws an OperatorError, too
 */
export function parseOutboundRoutes(
  text: string,
  file: string,
  readTls: (files: UpstreamTls) => UpstreamTls,
): OutboundRoutes {
  const { routes, default: rest, allow } = check(routesFile, parsed(text, file) ?? {}, file);
  const at = ({ upstream, tls }: Target): UpstreamAddress =>
    upstreamAddress(new URL(upstream), readTls(defined(tls ?? {})));
  const found: OutboundRoutes = { routes: routes.map((route) => ({ host: route.host, upstream: at(route) })) };
  if (rest !== undefined) found.default = rest === "as-named" ? rest : at(rest);
  if (allow !== undefined) found.allow = allow;
  return found;
}

function parsed(text: string, file: string): unknown {
  try {
    return parseYaml(text, { logLevel: "error" });
  } catch (cause) {
    throw new OperatorError(`cannot read routes from ${file}: ${reasonOf(cause)}`, { cause });
  }
}
