/** Images: listed, told about, named, fetched, sent, imported, loaded, saved and removed. */
import { pipeline } from "node:stream/promises";
import type { Engine } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import { parseReference, repository } from "../../image/documents/index.ts";
import type { ImageInspect } from "../../image/index.ts";
import { finished } from "../finished.ts";
import { JsonLines, tellProgress } from "../json-progress.ts";
import { filters, flag, integer, platformIn, required, text, texts, truthOf } from "../parameters.ts";
import { credentialsIn } from "../registry-auth.ts";
import { type Answer, type Call, ok, type Route, route } from "../route.ts";
import { toImageRow } from "../rows.ts";

/** Where docker's daemon takes words. */
const platformWords = text("OS/ARCH[/VARIANT]");
const platform = text("One of its platforms, an object of JSON: os, architecture, variant");

/** Older clients may send what their version does not know: it is passed over, as docker's daemon does. */
const platformSince = (since: number, { version, query }: Call<{ platform: string | undefined }>): { platform?: string } =>
  query.platform === undefined || version < since ? {} : { platform: platformIn(query.platform, "platform") };

/** Members of a container's configuration that an image has no use for: told until 1.50. */
const ofContainers = {
  ...{ Hostname: "", Domainname: "", AttachStdin: false, AttachStdout: false, AttachStderr: false },
  ...{ Tty: false, OpenStdin: false, StdinOnce: false, Image: "" },
};
const emptyConfig = {
  ...{ Hostname: "", Domainname: "", User: "", AttachStdin: false, AttachStdout: false, AttachStderr: false, Tty: false },
  ...{ OpenStdin: false, StdinOnce: false, Env: null, Cmd: null, Image: "", Volumes: null, WorkingDir: "", Entrypoint: null },
  ...{ OnBuild: null, Labels: null },
};

function toInspect({ Descriptor, Config, ...image }: ImageInspect, version: number): object {
  return {
    ...image,
    Config: version < 150 ? { ...ofContainers, ...Config } : Config,
    ...(version >= 148 && Descriptor && { Descriptor }),
    ...(version < 145 && { ContainerConfig: emptyConfig }),
    ...(version < 144 && { VirtualSize: image.Size }),
  };
}

/** "repo", "repo:tag" or "repo@digest", of two parameters. */
function referenceOf(repo: string, tag: string | undefined): string {
  if (tag === undefined) return repo;
  return /^[a-z0-9]+:[0-9a-f]{32,}$/.test(tag) ? `${repo}@${tag}` : `${repo}:${tag}`;
}

const untagged = (reference: string) => reference.replace(/:[^/:]*$/, "");
const hasTag = (reference: string) => /[:@][^/]*$/.test(reference);

interface CreateQuery {
  fromImage: string | undefined;
  fromSrc: string | undefined;
  repo: string | undefined;
  tag: string | undefined;
  message: string | undefined;
  changes: string[];
  platform: string | undefined;
}

async function create(call: Call<CreateQuery>): Promise<undefined> {
  const { query, signal, stream, exchange } = call;
  if (query.fromImage === undefined && query.fromSrc === undefined)
    throw new EngineError("invalid", "bad parameter: either fromImage or fromSrc is wanted");
  const lines = new JsonLines(() => stream("application/json"));
  try {
    if (query.fromImage !== undefined) await pull(call, query.fromImage, lines);
    else await importFrom(call, query.fromSrc!, lines);
  } catch (error) {
    if (exchange.signal.aborted || signal.aborted) return;
    await lines.fail(error);
  }
  lines.end();
}

async function pull({ engine, query, exchange, signal }: Call<CreateQuery>, from: string, lines: JsonLines): Promise<void> {
  const name = from.replace(/:$/, "");
  const reference = referenceOf(name, query.tag);
  await tellProgress(
    lines,
    engine.images.pull(reference, {
      ...(query.platform !== undefined && { platform: query.platform }),
      // Who names neither a tag nor a digest gets all of them (Engine API, "Create an image").
      allTags: !hasTag(reference),
      credentials: credentialsIn(exchange.headers),
      signal,
    }),
  );
}

async function importFrom({ engine, query, exchange, signal }: Call<CreateQuery>, source: string, lines: JsonLines): Promise<void> {
  const address = /^https?:\/\//.test(source) ? source : `http://${source}`;
  if (source !== "-" && !URL.canParse(address)) throw new EngineError("invalid", `cannot import "${source}": it is no URL`);
  const { Id } = await tellProgress(
    lines,
    engine.images.import(source === "-" ? exchange.upload() : new URL(address), {
      ...(query.repo !== undefined && { reference: referenceOf(query.repo, query.tag) }),
      ...(query.platform !== undefined && { platform: query.platform }),
      message: query.message ?? `Imported from ${source}`,
      changes: query.changes,
      signal,
    }),
  );
  await lines.write({ status: Id });
}

async function push(call: Call<{ tag: string | undefined; platform: string | undefined }>): Promise<undefined> {
  const { engine, path, query, exchange, signal } = call;
  // The tag that is asked for takes the place of one in the name.
  const name = query.tag === undefined ? path["name"]! : untagged(path["name"]!);
  const chosen = platformSince(146, call);
  const lines = new JsonLines(() => call.stream("application/json"));
  try {
    const { Digest } = await tellProgress(
      lines,
      engine.images.push(referenceOf(name, query.tag), {
        allTags: query.tag === undefined && !hasTag(name),
        ...chosen,
        credentials: credentialsIn(exchange.headers),
        signal,
      }),
    );
    if (query.tag !== undefined) await lines.write({ progressDetail: {}, aux: { Tag: query.tag, Digest } });
  } catch (error) {
    if (signal.aborted) return;
    await failPush(lines, name, error);
  }
  lines.end();
}

/** docker's daemon says where it would push to before it looks for the image. */
async function failPush(lines: JsonLines, name: string, thrown: unknown): Promise<void> {
  if (!(thrown instanceof EngineError) || thrown.code !== "not-found" || lines.hasBegun) return lines.fail(thrown);
  await lines.write({ status: `The push refers to repository [${repository(parseReference(name))}]` });
  const isOfAll = thrown.message.startsWith("no tags of ");
  const words = isOfAll ? `An image does not exist locally with the tag: ${untagged(name)}` : thrown.message;
  await lines.fail(thrown.withExit(thrown.exit, words));
}

async function load(call: Call<{ quiet: boolean; platform: string | undefined }>): Promise<undefined> {
  const { engine, query, exchange, signal } = call;
  const lines = new JsonLines(() => call.stream("application/json"));
  const options = { ...platformSince(148, call), signal };
  try {
    const loading = engine.images.load(exchange.upload(), options);
    const { References, Ids } = await (query.quiet ? finished(loading) : tellProgress(lines, loading));
    for (const name of References) await lines.write({ stream: `Loaded image: ${name}\n` });
    for (const id of Ids) await lines.write({ stream: `Loaded image ID: ${id}\n` });
  } catch (error) {
    if (signal.aborted) return;
    await lines.fail(error);
  }
  lines.end();
}

async function save(call: Call<{ platform: string | undefined }>, names: string[]): Promise<undefined> {
  const { engine, stream, signal } = call;
  const options = { ...platformSince(148, call), signal };
  const tar = await engine.images.save(names, options);
  await pipeline(tar, stream("application/x-tar"), { signal });
}

/** @throws EngineError `not-found` for another platform, `unsupported` where others would go along */
async function checkOnly(engine: Engine, name: string, platform: string): Promise<void> {
  await engine.images.inspect(name, { platform });
  const { Manifests = [] } = await engine.images.inspect(name, { manifests: true });
  if (Manifests.filter(({ Kind }) => Kind === "image").length > 1)
    throw new EngineError("unsupported", `cannot remove "${name}" for ${platform} alone: a name goes with all its platforms`);
}

/** dangling=false means all that no container uses. */
async function prune({ engine, query }: Call<{ filters: Record<string, string[]> }>): Promise<Answer> {
  const all = truthOf(query.filters, "dangling") === false;
  const { dangling: _dangling, ...rest } = query.filters;
  const { ImagesDeleted, SpaceReclaimed } = await engine.images.prune({ all, filters: rest });
  return ok({ ImagesDeleted: ImagesDeleted.length > 0 ? ImagesDeleted : null, SpaceReclaimed });
}

export const imageRoutes: readonly Route[] = [
  route("GET /images/json", {
    summary: "List images",
    query: {
      all: flag("Those without a name that others are built on, too"),
      filters: filters("As `berth images --filter`"),
      "shared-size": flag("With what they share"),
      digests: flag("Passed over: digests are always there"),
      manifests: flag("With the manifests that each name stands for; since 1.47"),
    },
    async handle({ engine, query, version }) {
      const options = { version, withShared: query["shared-size"] && version >= 142, withContainers: version >= 151 };
      const { all, filters } = query;
      const manifests = query.manifests && version >= 147;
      return ok((await engine.images.list({ all, filters, manifests })).map((image) => toImageRow(image, options)));
    },
  }),
  route("POST /images/create", {
    summary: "Pull an image, or import one from a tar archive",
    query: {
      fromImage: text("The image to pull; without a tag and a digest all tags"),
      fromSrc: text('URL of the archive to import; "-" for the request\'s body'),
      repo: text("Name of what is imported"),
      tag: text("Tag or digest of either"),
      message: text("Commit message of what is imported"),
      changes: texts("Dockerfile instruction for what is imported"),
      platform: platformWords,
    },
    handle: create,
  }),
  route("GET /images/search", {
    summary: "Ask a registry's index",
    query: { term: required("What to look for", "term"), limit: integer("1 to 100; default 25"), filters: filters("is-official, stars") },
    async handle({ engine, query, exchange, signal }) {
      const { term, limit = 0, filters } = query;
      const found = await engine.system.search(term, { limit, filters, credentials: credentialsIn(exchange.headers), signal });
      const toResult = ({ Name, Description, StarCount, IsOfficial }: (typeof found)[number]) => ({
        ...{ star_count: StarCount, is_official: IsOfficial, name: Name, is_automated: false, description: Description },
      });
      return ok(found.map(toResult));
    },
  }),
  route("POST /images/prune", {
    summary: "Remove images that nobody needs",
    query: { filters: filters("dangling, until, label, label!") },
    handle: prune,
  }),
  route("GET /images/get", {
    summary: "Save images as a tar archive",
    query: { names: texts("An image"), platform },
    handle: (call) =>
      save(
        call,
        call.query.names.flatMap((each) => each.split(",")),
      ),
  }),
  route("POST /images/load", {
    summary: "Load the images of a tar archive",
    query: { quiet: flag("Without progress", true), platform },
    handle: load,
  }),
  route("GET /images/{name...}/json", {
    summary: "Inspect an image",
    query: { manifests: flag("With the manifests that its name stands for; since 1.48"), platform },
    async handle(call) {
      const { engine, path, query, version } = call;
      const options = { manifests: query.manifests && version >= 148, ...platformSince(149, call) };
      if (options.manifests && options.platform !== undefined)
        throw new EngineError("invalid", "conflicting options: manifests and platform options cannot both be set");
      return ok(toInspect(await engine.images.inspect(path["name"]!, options), version));
    },
  }),
  route("GET /images/{name...}/history", {
    summary: "List what it was made by",
    query: { platform },
    async handle(call) {
      const { engine, path } = call;
      const chosen = platformSince(148, call);
      if (chosen.platform === undefined) return ok(await engine.images.history(path["name"]!));
      return ok(await engine.images.history((await engine.images.inspect(path["name"]!, chosen)).Id));
    },
  }),
  route("GET /images/{name...}/get", {
    summary: "Save an image as a tar archive",
    query: { platform },
    handle: (call) => save(call, [call.path["name"]!]),
  }),
  route("POST /images/{name...}/push", {
    summary: "Send an image to its registry",
    query: { tag: text("Its tag; without, all of the repository"), platform },
    handle: push,
  }),
  route("POST /images/{name...}/tag", {
    summary: "Give it a further name",
    query: { repo: required("The name", "repo"), tag: text('The tag; default "latest"') },
    async handle({ engine, path, query }) {
      await engine.images.tag(path["name"]!, referenceOf(query.tag === undefined ? query.repo : untagged(query.repo), query.tag));
      return { status: 201, text: "" };
    },
  }),
  route("DELETE /images/{name...}", {
    summary: "Remove a name, and with its last one the image",
    query: {
      force: flag("Though containers that do not run use it, or it has several names"),
      noprune: flag("Keep what it was built on"),
      platforms: texts("Only if it is for this platform, an object of JSON; since 1.50"),
    },
    async handle({ engine, path, query: { force, noprune, platforms }, version }) {
      for (const each of version >= 150 ? platforms : []) await checkOnly(engine, path["name"]!, platformIn(each, "platforms"));
      return ok(await engine.images.remove(path["name"]!, { force, noPrune: noprune }));
    },
  }),
  route("GET /distribution/{name...}/json", {
    summary: "What a registry has under a name",
    handle: async ({ engine, path, exchange, signal }) =>
      ok(await engine.images.distribution(path["name"]!, { credentials: credentialsIn(exchange.headers), signal })),
  }),
];
