/** Docker's Engine API over any engine: a request is matched with the table of routes, checked, handled, answered. */
import type { Duplex } from "node:stream";
import type { ContainerInspect } from "../container/index.ts";
import type { Engine } from "../engine.ts";
import { EngineError } from "../errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { type Address, type HttpListener, type Identity, listen } from "../http/server.ts";
import { commonHeaders, errorAnswer, send } from "./answers.ts";
import { parseJson, readParameters } from "./parameters.ts";
import type { Answer, Call, Route } from "./route.ts";
import { Router } from "./router.ts";
import { routes } from "./table.ts";
import { splitVersion } from "./versions.ts";

export interface ServeSettings {
  address: Address;
  tls?: Identity;
  /** berth's, for the header "Server". */
  version: string;
  /** What `logs --details` puts before each line: the faces know templates. */
  logDetails?(container: ContainerInspect): Promise<string>;
}

/** Bytes of a body in JSON. */
const bodyLimit = 4 << 20;

/** @throws EngineError when it cannot listen */
export function serveEngine(engine: Engine, { address, tls, version, logDetails = async () => "" }: ServeSettings): Promise<HttpListener> {
  const router = new Router(routes);
  const headers = commonHeaders(version);
  return listen({
    address,
    ...(tls && { tls }),
    upgrades: (method, url) => takesOver(router, method, url),
    async handle(exchange) {
      const answer = await answerTo({ engine, router, headers, logDetails }, exchange).catch(errorAnswer);
      if (!answer) return;
      exchange.forget();
      // Behind the head of an answer an error can only break off.
      if (exchange.isAnswered) throw new Error("the answer has begun");
      send(exchange, { ...answer, headers: { ...headers, ...answer.headers } });
    },
  });
}

interface Target {
  route: Route;
  path: Record<string, string>;
  version: number;
  query: URLSearchParams;
}

/** What is refused is answered like any other request: an error here would be nobody's, and the server's end. */
function takesOver(router: Router, method: string, url: string): boolean {
  try {
    return find(router, method, url)?.route.hijacks ?? false;
  } catch {
    return false;
  }
}

/** @throws EngineError `invalid` for a version that is not served */
function find(router: Router, method: string, url: string): Target | undefined {
  const at = url.indexOf("?");
  const { version, path } = splitVersion(at < 0 ? url : url.slice(0, at));
  const found = router.find(method, path);
  return found && { ...found, version, query: new URLSearchParams(at < 0 ? "" : url.slice(at)) };
}

interface Serving extends Required<Pick<ServeSettings, "logDetails">> {
  engine: Engine;
  router: Router;
  headers: Record<string, string>;
}

async function answerTo({ engine, router, headers, logDetails }: Serving, exchange: Exchange): Promise<Answer | undefined> {
  const target = find(router, exchange.method, exchange.url);
  if (!target) return { status: 404, value: { message: "page not found" } };
  const { route, path, version } = target;
  const query = readParameters(route.query, target.query);
  const body = route.body && (await readBody(route, exchange));
  const call: Call = {
    ...{ engine, path, query, body, version, exchange, signal: exchange.signal },
    stream: (contentType, more = {}) => exchange.stream(200, { ...headers, "Content-Type": contentType, ...more }),
    hijack: (contentType, more = {}): Duplex =>
      exchange.hijack({ ...headers, ...(contentType !== undefined && { "Content-Type": contentType }), ...more }),
    logDetails,
  };
  return route.handle(call);
}

/** @throws EngineError `invalid` */
async function readBody({ body }: Route, exchange: Exchange): Promise<unknown> {
  const bytes = await exchange.read(bodyLimit);
  const type = exchange.headers["content-type"];
  const isJson = /^application\/json\s*(;|$)/i.test(type ?? "");
  if (bytes.length > 0 && !type) throw new EngineError("invalid", "malformed Content-Type header (): mime: no media type");
  if (bytes.length > 0 && !isJson)
    throw new EngineError("invalid", `unsupported Content-Type header (${type}): must be 'application/json'`);
  if (bytes.length === 0) return undefined;
  return body!.read(parseJson(bytes.toString("utf8")), "");
}
