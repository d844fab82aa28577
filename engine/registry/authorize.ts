/** Getting past a registry's 401: Basic, or a Bearer token from its token server (distribution "Token Authentication"). */
import type { Credentials } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { inTime, type Pace } from "../http/pace.ts";
import { type HttpResponse, isLoopback, request } from "../http/request.ts";
import { object, parseShaped, type Refuse, text, whole } from "../image/documents/index.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";

export interface Authorization {
  /** Value of the Authorization header. */
  header: string;
  /** Milliseconds since the epoch. */
  expires: number;
}

/**
 * Answers a 401.
 * @param scopes what is to be done, for challenges that do not say: "repository:library/python:pull"
 * @throws EngineError `registry-auth` when the registry takes nothing we can give
 */
export async function authorize(
  response: HttpResponse,
  domain: string,
  credentials: Credentials | undefined,
  scopes: string[],
  limits: Limits = {},
): Promise<Authorization> {
  const challenges = parseChallenges(response.headers["www-authenticate"] ?? "");
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (bearer && credentials?.registryToken) return { header: `Bearer ${credentials.registryToken}`, expires: Number.POSITIVE_INFINITY };
  if (bearer) return await fetchToken(bearer, domain, credentials, scopes, limits);
  if (challenges.some(({ scheme }) => scheme === "basic")) {
    if (!credentials || credentials.identityToken || credentials.registryToken)
      throw denied(domain, "it wants a user name and a password, and there are none");
    return passwordAuthorization(credentials);
  }
  throw denied(domain, "it refuses without saying what it wants");
}

/** RFC 7617 */
export function passwordAuthorization(credentials: Credentials): Authorization {
  return { header: basic(credentials), expires: Number.POSITIVE_INFINITY };
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function denied(domain: string, why: string): EngineError {
  return new EngineError("registry-auth", `the registry "${domain}" denies access: ${why}`, {
    hint: `log in with 'berth login ${domain}'; what 'docker login' keeps is used too`,
  });
}

interface Limits {
  pace?: Pace | undefined;
  signal?: AbortSignal | undefined;
}

interface TokenAnswer {
  token?: string | null;
  access_token?: string | null;
  /** Seconds. */
  expires_in?: number | null;
}

const tokenAnswer = object({ token: text, access_token: text, expires_in: whole });

/** Docker's default when the token server does not say: a minute. */
const defaultLifetime = 60;

async function fetchToken(
  challenge: Challenge,
  domain: string,
  credentials: Credentials | undefined,
  scopes: string[],
  limits: Limits,
): Promise<Authorization> {
  const { realm, service = "", scope } = challenge.parameters;
  const url = URL.parse(realm ?? "");
  if (!url || !/^https?:$/.test(url.protocol)) throw denied(domain, "its token server has no valid address");
  // The token request carries the password.
  if (credentials && url.protocol !== "https:" && !isLoopback(url.hostname))
    throw denied(domain, `its token server at "${url.host}" is not reached by HTTPS`);
  const wanted = [...new Set([...scopes, ...(scope ? scope.split(" ") : [])])];
  const answered = await inTime(limits, `token of "${domain}"`, async (signal) => {
    const response = credentials?.identityToken
      ? await refresh(url, service, wanted, credentials.identityToken, signal)
      : await ask(url, service, wanted, credentials, signal);
    if (response.status === 200) return response.text();
    response.discard();
    throw denied(
      domain,
      response.status === 401 || response.status === 403
        ? "its token server does not accept the credentials"
        : `its token server answers ${response.status}`,
    );
  });
  const refuse: Refuse = (why) => denied(domain, `its token server's answer is malformed: ${why}`);
  const answer = parseShaped<TokenAnswer>(answered, tokenAnswer, refuse);
  const token = answer.token || answer.access_token;
  if (!token || !/^[\x21-\x7e]+$/.test(token)) throw denied(domain, "its token server gives no token");
  return { header: `Bearer ${token}`, expires: Date.now() + (answer.expires_in ?? defaultLifetime) * 900 };
}

function ask(
  realm: URL,
  service: string,
  scopes: string[],
  credentials: Credentials | undefined,
  signal?: AbortSignal,
): Promise<HttpResponse> {
  const url = new URL(realm);
  if (service) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (credentials) url.searchParams.set("account", credentials.username);
  return request(url, { headers: credentials ? { authorization: basic(credentials) } : {}, signal });
}

/** OAuth2 (distribution "Docker Registry v2 authentication using OAuth2"). */
function refresh(realm: URL, service: string, scopes: string[], identityToken: string, signal?: AbortSignal): Promise<HttpResponse> {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    service,
    client_id: "berth",
    scope: scopes.join(" "),
    refresh_token: identityToken,
  });
  return request(realm, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form.toString()),
    signal,
  });
}
