/**
 * An OCI registry (distribution-spec v1.1) over a storage: a request is matched with the table of routes, handled, answered.
 *
 * On Node's http alone: for 10,000 small answers and half a gigabyte up and down it took 2.5 s of CPU and 143 MB, Fastify 5 took 2.9 s and 173 MB,
 * Hono 4 3.3 s and 180 MB; and their routers cannot read a path from its end.
 */
import type { Exchange } from "../../http/exchange.ts";
import { type Address, type HttpListener, listen, type ServerIdentity } from "../../http/server.ts";
import { leaveProgramPages } from "../../sys/program-pages.ts";
import { type Gate, tokenPath } from "./auth/gate.ts";
import { anybody, type Visitor } from "./auth/visitor.ts";
import type { Action, Answer, Call, Method, RegistryRoute, SizeLimits } from "./call.ts";
import type { Webhooks } from "./events/webhooks.ts";
import { healthOf } from "./health.ts";
import type { Metrics } from "./metrics.ts";
import { documentLimit } from "./protocol/document.ts";
import { isRepository } from "./protocol/names.ts";
import { type Place, type PlaceKind, placeOf } from "./protocol/place.ts";
import { answerOfProblem, problem } from "./protocol/problem.ts";
import { clientOf, type Rate, RateLimiter } from "./protocol/rate.ts";
import { routes } from "./routes/table.ts";
import type { RegistryStorage } from "./storage/storage.ts";
import type { Upstreams } from "./upstream/upstreams.ts";
import { type Site, type SiteVisit, sitePath } from "./web/site.ts";

export interface RegistryServerOptions {
  address: Address;
  storage: RegistryStorage;
  /** Without one, everybody may do everything. */
  gate?: Gate | undefined;
  /** Nothing is changed. */
  readOnly?: boolean;
  tls?: ServerIdentity | undefined;
  /** How often each user, or each address without one, may ask. */
  rate?: Rate | undefined;
  limits?: Partial<SizeLimits> | undefined;
  /** Where repositories come from that are not this registry's own. */
  upstreams?: Upstreams | undefined;
  /** Told of pushes, pulls and deletions. */
  webhooks?: Webhooks | undefined;
  /** The registry in a browser, at "/". */
  site?: Site | undefined;
  /** Given out at /metrics. */
  metrics?: Metrics | undefined;
  /** Told of each request when it is over. */
  log?: ((access: Access) => void) | undefined;
}

/** A line of the access log. */
export interface Access {
  /** When it came: ISO 8601. */
  time: string;
  /** The client's address. */
  remote: string;
  /** Of whom a password or a token was shown that is good. */
  user?: string;
  method: string;
  /** With its query. */
  path: string;
  status: number;
  /** Milliseconds. */
  duration: number;
}

const commonHeaders = { "Docker-Distribution-API-Version": "registry/2.0", "X-Content-Type-Options": "nosniff" };
const metricsPath = "/metrics";
/** Bytes of a body that was refused which are taken all the same: a client that is still sending would not read why. */
const refusedLimit = 64 << 20;

/**
 * Milliseconds that a connection may be silent between requests, and that the head of one may take. Of a body a single piece waits at a time:
 * several would be copied into one, for each of a hundred who send.
 */
const connectionLimits = { keepAliveTimeout: 75_000, headersTimeout: 30_000, highWaterMark: 16 << 10 };

/** @throws EngineError when it cannot listen */
export async function serveRegistry(options: RegistryServerOptions): Promise<HttpListener> {
  const { address, tls, log, metrics } = options;
  const server = new RegistryServer(options);
  const listener = await listen({
    address,
    ...(tls && { tls }),
    limits: connectionLimits,
    upgrades: () => false,
    async handle(exchange) {
      const time = new Date();
      const { method, url, remote } = exchange;
      const seen: Seen = {};
      const end = metrics?.begin();
      try {
        await server.handle(exchange, seen);
      } finally {
        const { user, place = "other" } = seen;
        const [status, duration] = [exchange.status, Date.now() - time.getTime()];
        log?.({ time: time.toISOString(), remote, ...(user !== undefined && { user }), method, path: url, status, duration });
        end?.({ method, place, status, duration });
      }
    },
  });
  leaveProgramPages(); // of what was read to start most is never needed again
  return listener;
}

/** What is learnt of a request on its way. */
interface Seen {
  user?: string;
  place?: PlaceKind;
}

class RegistryServer {
  readonly #options: RegistryServerOptions;
  readonly #limits: SizeLimits;
  readonly #rate: RateLimiter | undefined;

  constructor(options: RegistryServerOptions) {
    this.#options = options;
    this.#limits = { blob: Number.POSITIVE_INFINITY, manifest: documentLimit, ...options.limits };
    this.#rate = options.rate && new RateLimiter(options.rate);
  }

  async handle(exchange: Exchange, seen: Seen): Promise<void> {
    try {
      const answer = await this.#answerTo(exchange, seen);
      if (answer) send(exchange, answer);
    } catch (thrown) {
      if (exchange.isAnswered) throw thrown; // behind the head of an answer it can only break off
      const { status, headers, body } = answerOfProblem(thrown);
      await exchange.discard(refusedLimit);
      send(exchange, { status, headers, value: body });
    }
  }

  async #answerTo(exchange: Exchange, seen: Seen): Promise<Answer | undefined> {
    const { storage, readOnly = false } = this.#options;
    const [path = "", search = ""] = exchange.url.split(/\?(.*)/s, 2);
    const query = new URLSearchParams(search);
    const beside = this.#beside(exchange, path, query, seen);
    if (beside) return beside;
    const { place, route } = routeOf(path, exchange.method);
    seen.place = place.kind;
    const { name, reference } = place;
    const visitor = await this.#admit(exchange, name, route.action);
    if (visitor.user !== undefined) seen.user = visitor.user;
    if (readOnly && (route.action === "push" || route.action === "delete")) throw problem("UNSUPPORTED", "this registry is read-only");
    const copy = this.#options.upstreams?.of(name);
    if (copy && route.action === "push") throw problem("UNSUPPORTED", `"${name}" is a copy of what is at ${copy.origin}: push it there`);
    const stream: Call["stream"] = (status, headers) => exchange.stream(status, { ...commonHeaders, ...headers });
    return route.handle({
      exchange,
      storage,
      name,
      reference,
      query,
      visitor,
      stream,
      tell: this.#teller(exchange, name, visitor),
      limits: this.#limits,
      ...(copy && { copy }),
    });
  }

  /** What is no part of the distribution-spec. */
  #beside(exchange: Exchange, path: string, query: URLSearchParams, seen: Seen): Promise<Answer> | undefined {
    const { storage, gate, site } = this.#options;
    const { method, remote } = exchange;
    if (gate && path === tokenPath && method === "GET") {
      this.#rate?.take(clientOf(remote));
      return gate.giveToken(exchange, query);
    }
    if (site && path === sitePath && ["GET", "HEAD", "POST"].includes(method))
      return this.#visit(exchange, query, seen).then((visit) => site.answer(visit));
    return healthOf(path, method, storage) ?? this.#metrics(exchange, path);
  }

  async #visit(exchange: Exchange, query: URLSearchParams, seen: Seen): Promise<SiteVisit> {
    const { gate, readOnly = false } = this.#options;
    const visitor = await this.#admit(exchange, "", "look");
    if (visitor.user !== undefined) seen.user = visitor.user;
    const tell = (repository: string) => this.#teller(exchange, repository, visitor);
    return { exchange, query, visitor, hasLogin: gate !== undefined, readOnly, tell };
  }

  #teller({ headers, remote, method }: Exchange, repository: string, { user }: Visitor): Call["tell"] {
    const { webhooks, tls } = this.#options;
    return (happening) =>
      webhooks?.tell(happening, {
        ...{ repository, ...(user !== undefined && { user }), remote, method },
        ...{ scheme: tls ? "https" : "http", host: headers.host ?? "", userAgent: headers["user-agent"] ?? "" },
      });
  }

  /** For who is logged in, where anybody has to be. */
  #metrics(exchange: Exchange, path: string): Promise<Answer> | undefined {
    const { metrics } = this.#options;
    if (!metrics || path !== metricsPath || exchange.method !== "GET") return undefined;
    return this.#admit(exchange, "", "none").then(() => metricsAnswer(metrics));
  }

  /** Each request is counted once: for its user, or, also where it is refused, for its address. */
  async #admit(exchange: Exchange, name: string, action: Action): Promise<Visitor> {
    const address = clientOf(exchange.remote);
    const admitted =
      (await this.#options.gate?.admit(exchange, name, action).catch((refused) => {
        this.#rate?.take(address);
        throw refused;
      })) ?? anybody;
    this.#rate?.take(admitted.user === undefined ? address : `user ${admitted.user}`);
    return admitted;
  }
}

async function metricsAnswer(metrics: Metrics): Promise<Answer> {
  const { type, text } = await metrics.expose();
  return { status: 200, headers: { "Content-Type": type }, body: Buffer.from(text) };
}

/** The metrics alone, on an address of their own: whoever reaches it may read them. @throws EngineError when it cannot listen */
export function serveMetrics(metrics: Metrics, address: Address): Promise<HttpListener> {
  return listen({
    address,
    limits: connectionLimits,
    upgrades: () => false,
    async handle(exchange) {
      const isAsked = exchange.method === "GET" && exchange.url.split("?")[0] === metricsPath;
      send(exchange, isAsked ? await metricsAnswer(metrics) : { status: 404, value: { errors: [] } });
    },
  });
}

function routeOf(path: string, method: string): { place: Place; route: RegistryRoute } {
  const place = placeOf(path);
  if (!place) throw problem("UNSUPPORTED", "page not found", { status: 404 });
  if (place.name !== "" && !isRepository(place.name)) throw problem("NAME_INVALID", `not a name of a repository: "${place.name}"`);
  const here = routes.filter((route) => route.place === place.kind);
  const route = here.find(({ methods }) => methods.includes(method as Method));
  if (!route) throw notAllowed(method, here);
  return { place, route };
}

function notAllowed(method: string, here: readonly RegistryRoute[]) {
  const allowed = here.flatMap(({ methods }) => methods).join(", ");
  return problem("UNSUPPORTED", `"${method}" is not to be had here`, { headers: { Allow: allowed } });
}

function send(exchange: Exchange, { status, headers = {}, value, body }: Answer): void {
  const bytes = value === undefined ? body : Buffer.from(`${JSON.stringify(value)}\n`);
  exchange.answer(status, { ...commonHeaders, ...(value !== undefined && { "Content-Type": "application/json" }), ...headers }, bytes);
}
