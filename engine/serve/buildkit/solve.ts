/** A build for a client with a session: what it wishes goes to the engine, what happens goes to its feed of statuses. */
import type { BuildOptions, BuildResult } from "../../build/index.ts";
import type { Engine } from "../../engine.ts";
import { type Attributes, type BuildWish, buildOptionsOf, contextOf } from "./build-wish.ts";
import type { Sessions } from "./session.ts";
import { SessionClient } from "./session-client.ts";
import type { StatusFeed } from "./status.ts";
import { answerSubrequest } from "./subrequests.ts";

export interface Solving {
  engine: Engine;
  sessions: Sessions;
  /** The session that the build names. */
  session: string;
  status: StatusFeed;
  signal: AbortSignal;
}

/** Builds, and ends the feed. @param more what does not come by BuildKit's attributes */
export async function solve(wish: BuildWish, solving: Solving, more: Partial<BuildOptions> = {}): Promise<BuildResult> {
  const { engine, status } = solving;
  try {
    return await withOptions(wish, solving, more, async (options) => {
      const building = engine.builder.build(options);
      for (;;) {
        const step = await building.next();
        if (step.done) return step.value;
        await status.tell(step.value);
      }
    });
  } finally {
    status.end();
  }
}

/** What a client asks of its Dockerfile. @param id "frontend.outline". @returns the result's metadata */
export function ask(id: string, wish: BuildWish, solving: Omit<Solving, "status">): Promise<Record<string, Buffer>> {
  return withOptions(wish, solving, {}, (options) => answerSubrequest(solving.engine.builder, id, options));
}

/** What the engine is asked with; what comes by the session is there until the body is over. */
async function withOptions<T>(
  wish: BuildWish,
  { sessions, session, signal }: Omit<Solving, "status">,
  more: Partial<BuildOptions>,
  body: (options: BuildOptions) => Promise<T>,
): Promise<T> {
  const options = buildOptionsOf(wish);
  await using client = new SessionClient((name) => sessions.get(sessionFor(wish.attributes, session, name)), signal);
  const context = more.context === undefined ? await contextFor(wish.attributes, client) : {};
  return await body({ ...options, ...context, ...more, client, signal });
}

/** Builds that share a directory have it by a session of its own. */
const sessionFor = (attributes: Attributes, session: string, name = "") => attributes[`local-sessionid:${name}`] || session;

async function contextFor(attributes: Attributes, client: SessionClient): Promise<Partial<BuildOptions>> {
  const context = contextOf(attributes);
  if (context.kind === "client") return {};
  if (context.kind === "remote") return context.options;
  const file = attributes["dockerfilekey"] ? { file: `local:${attributes["filename"] || "Dockerfile"}` } : {};
  return { context: "-", stdin: await client.upload(context.url), ...file };
}

/** What clients are told of a result. */
export function exporterResponse({ ImageID, Metadata, Tags }: BuildResult): Record<string, string> {
  const texts = Object.entries(Metadata).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (ImageID === undefined) return Object.fromEntries(texts);
  return { "containerimage.digest": ImageID, ...Object.fromEntries(texts), ...(Tags.length > 0 && { "image.name": Tags.join(",") }) };
}
