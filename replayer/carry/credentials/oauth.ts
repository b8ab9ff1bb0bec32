import { OperatorError, reasonOf } from "../../../base/index.js";
import type { Lease } from "./refreshed.js";
import type { OAuthClient } from "./rule.js";

const timeoutMs = 15_000;

/**
 * Gets a token with the client's own credentials (RFC 6749, section 4.4). It expires when the endpoint says. The error of
 * the endpoint is told by its code alone (section 5.2).
 */
export async function secretFromOAuth(client: OAuthClient): Promise<Lease> {
  const askedMs = Date.now();
  const response = await ask(client);
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const { access_token: value, expires_in: expiresIn } = answer;
  if (!response.ok || typeof value !== "string" || value === "") {
    const code = typeof answer.error === "string" && /^[\w.-]{1,64}$/.test(answer.error) ? ` (${answer.error})` : "";
    throw new OperatorError(
      `cannot get a token from ${client.tokenUrl} for client ${client.clientId}: it answered ${response.status}${code}; check its id, secret and scope`,
    );
  }
  const seconds = Number(expiresIn);
  return seconds > 0 ? { value, expiresMs: askedMs + seconds * 1000 } : { value };
}

async function ask({ tokenUrl, clientId, clientSecret, scope, audience, auth }: OAuthClient): Promise<Response> {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scope !== undefined) form.set("scope", scope);
  if (audience !== undefined) form.set("audience", audience);
  const headers: Record<string, string> = { accept: "application/json" };
  if (auth === "basic") {
    // Both are form-encoded first (section 2.3.1).
    const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  } else {
    form.set("client_id", clientId);
    form.set("client_secret", clientSecret);
  }
  try {
    return await fetch(tokenUrl, { method: "POST", headers, body: form, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
    throw new OperatorError(`cannot get a token from ${tokenUrl}: ${reasonOf(reason)}`);
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}
