/**
 * A registry as this program talks to it (OCI distribution-spec v1.1): where it is, how requests are authorized, and what its
 * refusals mean. One client serves one repository.
 */
import type { Credentials } from "../docker.ts";
import { EngineError } from "../errors.ts";
import type { Pace } from "../http/pace.ts";
import { type HttpRequest, type HttpResponse, isLoopback, request } from "../http/request.ts";
import { familiarRepository, type Reference } from "../image/documents/index.ts";
import { type Authorization, authorize, passwordAuthorization } from "./authorize.ts";
import { type Certificates, certificatesFor } from "./certificates.ts";
import { credentialsFor } from "./credentials.ts";

export interface ClientOptions {
  /** Plain HTTP and unknown certificates are fine; always so on loopback, as for docker. */
  insecure?: boolean;
  actions?: "pull" | "pull,push" | "pull,delete";
  /** Repositories of the same registry that blobs are mounted from. */
  mountsFrom?: readonly string[];
  /** The password is shown unasked where nobody else sees it: who shows nothing is shown less, and not asked who he is. */
  isEager?: boolean;
  /** Where certificates for registries are, in place of docker's directory. */
  certificates?: string;
  /** In place of those that docker's configuration has; null for none. */
  credentials?: Credentials | null | undefined;
  signal?: AbortSignal;
  /** How fast it has to be. */
  pace?: Pace;
}

/** Hosts that serve a domain under another name. */
const hosts: Record<string, string> = { "docker.io": "registry-1.docker.io" };

/** How long a registry may make its clients wait (RFC 9110, Retry-After). Seconds. */
const longestPause = 60;

export class RegistryClient {
  readonly reference: Reference;
  #options: ClientOptions;
  #insecure: boolean;
  #base: Promise<URL> | undefined;
  #certificates: Certificates | undefined;
  #authorization: Promise<Authorization | undefined> | undefined;

  constructor(reference: Reference, options: ClientOptions = {}) {
    this.reference = reference;
    this.#options = options;
    this.#insecure = options.insecure === true || isLoopback(new URL(`http://${reference.domain}`).hostname);
  }

  get pace(): Pace | undefined {
    return this.#options.pace;
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  /** https, or for insecure registries whatever answers. */
  async #probe(): Promise<URL> {
    const host = hosts[this.reference.domain] ?? this.reference.domain;
    const secure = new URL(`https://${host}/v2/`);
    if (!this.#insecure) return secure;
    try {
      (await request(secure, { insecure: true, signal: this.signal, pace: this.pace, ...this.#certificatesFor(secure) })).discard();
      return secure;
    } catch (error) {
      // Something that does not speak TLS breaks the connection or the protocol: then it may speak plain HTTP.
      if (error instanceof EngineError && error.code === "cancelled") throw error;
      return new URL(`http://${host}/v2/`);
    }
  }

  /**
   * A request below /v2/NAME/, with credentials once the registry asks for them.
   * @param path relative, or a location that the registry gave
   * @throws EngineError `registry` without a response, `registry-auth` when the registry cannot be satisfied
   */
  async call(path: string | URL, options: HttpRequest = {}): Promise<HttpResponse> {
    const base = await (this.#base ??= this.#probe());
    const url = typeof path === "string" ? new URL(`${this.reference.path}/${path}`, base) : path;
    const replayable = options.body === undefined || options.body instanceof Uint8Array;
    // A location on another host is a storage service with its own signature: credentials are not for it.
    const isOurs = url.host === base.host;
    if (this.#options.isEager) this.#authorization ??= this.#unasked(base);
    const response = await this.#send(url, options, isOurs ? await this.#known() : undefined);
    if (response.status !== 401 || !replayable || !isOurs) return response;
    response.discard();
    return await this.#send(url, options, await (this.#authorization = this.#authorize(response)));
  }

  /** The registry's base address, /v2/: answers 200 to a request that is authorized (distribution-spec, "Determining Support"). */
  async enter(): Promise<HttpResponse> {
    return this.call(await (this.#base ??= this.#probe()));
  }

  /** The address of a path of the registry beside /v2/. */
  async at(path: string): Promise<URL> {
    return new URL(path, await (this.#base ??= this.#probe()));
  }

  async #known(): Promise<Authorization | undefined> {
    const known = await this.#authorization;
    return known && known.expires > Date.now() ? known : undefined;
  }

  async #unasked({ protocol, hostname }: URL): Promise<Authorization | undefined> {
    if (protocol !== "https:" && !isLoopback(hostname)) return undefined;
    const { credentials = await credentialsFor(this.reference.domain) } = this.#options;
    return credentials?.password ? passwordAuthorization(credentials) : undefined;
  }

  async #authorize(response: HttpResponse): Promise<Authorization> {
    const { domain, path } = this.reference;
    const { credentials = await credentialsFor(domain), mountsFrom = [], actions = "pull" } = this.#options;
    const others = mountsFrom.map((from) => `repository:${from}:pull`);
    const scopes = path === "" ? [] : [`repository:${path}:${actions}`, ...others];
    return authorize(response, domain, credentials ?? undefined, scopes, this);
  }

  #send(url: URL, options: HttpRequest, authorization: Authorization | undefined): Promise<HttpResponse> {
    const headers = { ...(authorization && { authorization: authorization.header }), ...options.headers };
    return request(url, {
      signal: this.signal,
      pace: this.pace,
      insecure: this.#insecure,
      ...this.#certificatesFor(url),
      ...options,
      headers,
    });
  }

  /** They are the registry's: a storage service behind it must not see this client's. */
  #certificatesFor(url: URL): Certificates {
    const own = new URL(`https://${hosts[this.reference.domain] ?? this.reference.domain}`); // of "registry:443" the port goes
    if (url.protocol !== "https:" || url.host !== own.host) return {};
    this.#certificates ??= certificatesFor(this.reference.domain, this.#options.certificates);
    return this.#certificates;
  }

  /**
   * Turns a refusal into an error.
   * @param what the object asked for: `manifest of "python:3.9"`
   * @param verb what was asked of it
   */
  async refusal(response: HttpResponse, what: string, verb = "fetch"): Promise<EngineError> {
    const { codes, message } = parseErrors(await response.text().catch(() => ""));
    const name = familiarRepository(this.reference);
    const said = message ? `: ${message}` : "";
    const { status, headers } = response;
    const details = { status, retryAfter: Math.min(Number(headers["retry-after"]) || 0, longestPause) };
    if (status === 401 || status === 403 || codes.includes("DENIED") || codes.includes("UNAUTHORIZED")) {
      return new EngineError("registry-auth", `access to "${name}" is denied: the repository does not exist or needs 'berth login'${said}`);
    }
    if (status === 404) return new EngineError("not-found", `cannot find the ${what}${said}`, { hint: "check the name and the tag" });
    if (status === 429) {
      return new EngineError("registry", `cannot ${verb} the ${what}: the registry's rate limit is reached${said}`, {
        hint: "wait, or log in for a higher limit",
        details,
      });
    }
    return new EngineError("registry", `cannot ${verb} the ${what}: the registry answers ${status}${said}`, { details });
  }
}

/** distribution-spec, "Error Codes". */
function parseErrors(body: string): { codes: string[]; message: string } {
  try {
    const { errors = [] } = JSON.parse(body) as { errors?: { code?: string; message?: string }[] };
    return { codes: errors.map(({ code = "" }) => code), message: errors.map(({ message, code }) => message || code || "").join("; ") };
  } catch {
    return { codes: [], message: "" };
  }
}
