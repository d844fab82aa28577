/** BuildKit's doors: connections that turn into HTTP/2, on which a client answers (its session) or calls. Loaded when a client builds. */
import type { Duplex } from "node:stream";
import type { Engine } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import { type Call, type Route, route } from "../route.ts";

/** Sessions of one engine's clients: a build may come by another route than its session. */
const sessionsOf = new WeakMap<Engine, Promise<import("../buildkit/index.ts").Sessions>>();

export function sessions(engine: Engine): Promise<import("../buildkit/index.ts").Sessions> {
  const known = sessionsOf.get(engine) ?? import("../buildkit/index.ts").then(({ Sessions }) => new Sessions());
  sessionsOf.set(engine, known);
  return known;
}

/** @throws EngineError `invalid` for a client that does not want HTTP/2 */
async function checkUpgrade({ exchange }: Call): Promise<void> {
  if (exchange.upgrade === undefined) throw new EngineError("invalid", "no upgrade proto in request");
  if (exchange.upgrade !== "h2c") throw new EngineError("invalid", `protocol ${exchange.upgrade} not supported`);
  await exchange.expectNoBody();
}

async function takenOver(call: Call): Promise<Duplex> {
  const connection = call.hijack().on("error", () => {}); // the client is gone: who reads it is told
  await call.exchange.tell();
  if (connection.destroyed) throw new EngineError("cancelled", "the client is gone");
  return connection;
}

async function session(call: Call): Promise<undefined> {
  await checkUpgrade(call);
  const [{ sessionIn }, open] = await Promise.all([import("../buildkit/index.ts"), sessions(call.engine)]);
  const id = sessionIn(call.exchange.headers);
  await open.hold(id, await takenOver(call), call.signal);
}

async function grpc(call: Call): Promise<undefined> {
  await checkUpgrade(call);
  const [{ controlOf }, { serveGrpc }, open] = await Promise.all([
    import("../buildkit/index.ts"),
    import("../../http/grpc.ts"),
    sessions(call.engine),
  ]);
  await serveGrpc(await takenOver(call), controlOf(call.engine, open), call.signal);
}

export const buildkitRoutes: readonly Route[] = [
  route("POST /session", {
    summary: "Be a build's client: HTTP/2 on which the client answers what BuildKit asks for",
    hijacks: true,
    handle: session,
  }),
  route("POST /grpc", {
    summary: "Call BuildKit's services (moby.buildkit.v1: Control, LLBBridge) by HTTP/2: builds of Dockerfiles",
    hijacks: true,
    handle: grpc,
  }),
];
