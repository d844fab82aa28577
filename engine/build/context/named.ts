/** `--build-context NAME=VALUE`: further places for FROM and --from to take files from; a name goes before stages and images. */
import { resolve } from "node:path";
import { isRemoteContext } from "../../dockerfile/remote-source.ts";
import { EngineError } from "../../errors.ts";
import type { ResolvedImage } from "../../image/store/index.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildClient, BuildOptions } from "../index.ts";
import type { Progress } from "../report/index.ts";
import { contextDirectory, type IgnoreRules, ignoreFileOf, parseIgnore } from "./build-source.ts";
import { type ContextSource, openContext } from "./source.ts";

export type NamedContext =
  /** docker-image://scratch: an empty file system. */
  | { kind: "scratch" }
  | { kind: "image"; reference: string }
  /** An image from elsewhere (a layout): its layers are brought into it. @param platform "linux/arm64" */
  | { kind: "layout"; value: string; image(platform: string | undefined): Promise<ResolvedImage> }
  /** @param date when what came over the network was made, seconds */
  | { kind: "directory"; source: ContextSource; date?: number };

export interface NamedContexts extends AsyncDisposable {
  names: ReadonlySet<string>;
  /** What a name stands for. A remote one is fetched when it is first asked for. */
  get(name: string): Promise<NamedContext>;
  /** Remembers the hashes that were computed. */
  save(): void;
}

interface Opening {
  ground: Ground;
  options: BuildOptions;
  cwd: string;
  progress: Progress;
  signal: AbortSignal;
  /** What goes when the build is over. */
  stack: AsyncDisposableStack;
}

/** @throws EngineError for a value that is no place at all; what a place holds is looked at when it is used */
export async function openContexts(ground: Ground, options: BuildOptions, progress: Progress, signal: AbortSignal): Promise<NamedContexts> {
  const stack = new AsyncDisposableStack();
  const { buildContexts = {}, cwd = process.cwd() } = options;
  const opening: Opening = { ground, options, cwd, progress, signal, stack };
  const makers = new Map<string, () => Promise<NamedContext>>();
  const opened = new Map<string, Promise<NamedContext>>();
  const sources: ContextSource[] = [];
  for (const [name, value] of Object.entries(buildContexts)) makers.set(name.toLowerCase(), await prepare(opening, name, value));
  return {
    names: new Set(makers.keys()),
    get(name) {
      let context = opened.get(name);
      if (!context) opened.set(name, (context = open(name)));
      return context;
    },
    save() {
      for (const source of sources) source.save();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };

  async function open(name: string): Promise<NamedContext> {
    const context = await makers.get(name)?.();
    if (!context) throw new EngineError("internal", `there is no named context "${name}"`);
    if (context.kind === "directory") sources.push(context.source);
    return context;
  }
}

/** Judges the value now; what it gives opens the place. */
async function prepare(opening: Opening, name: string, value: string): Promise<() => Promise<NamedContext>> {
  const { cwd, ground } = opening;
  const { client } = opening.options;
  if (client && value.startsWith("local:")) return () => receiveContext(opening, client, name, value.slice("local:".length));
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9-]*):\/\/(.+)$/.exec(value) ?? [];
  if (scheme === "docker-image") return async () => (rest === "scratch" ? { kind: "scratch" } : { kind: "image", reference: rest });
  if (scheme === "oci-layout" && !client) {
    const { openLayout, parseLayoutAddress } = await import("./oci-layout.ts");
    const address = parseLayoutAddress(rest, cwd);
    const image = async (platform: string | undefined) => {
      // As an image that was made here, and has no name.
      await ground.lent.trust.admit({ digests: [], isUnverified: opening.options.noVerify, access: { signal: opening.signal } });
      return openLayout(ground, address, platform, opening.signal);
    };
    return async () => ({ kind: "layout", value, image });
  }
  if (isRemoteContext(value)) return () => fetchContext(opening, name, value);
  if (scheme !== "" || client)
    throw new EngineError("unsupported", `cannot use "${value}" as the named context "${name}"`, {
      exit: 1,
      hint: "give a directory, a URL, an image as docker-image://REFERENCE or oci-layout://DIRECTORY",
    });
  const place = { directory: contextDirectory(resolve(cwd, value), value), temporary: false };
  return () => openDirectory(opening, name, place);
}

async function openDirectory({ ground }: Opening, name: string, place: { directory: string; temporary: boolean }) {
  return { kind: "directory" as const, source: openContext(ground, place, await ignoreRulesOf(place), { name }) };
}

async function ignoreRulesOf(place: { directory: string; temporary: boolean }): Promise<IgnoreRules | undefined> {
  const ignore = ignoreFileOf(place);
  return ignore === undefined ? undefined : parseIgnore(ignore);
}

/** A directory of the client's. */
async function receiveContext(opening: Opening, client: BuildClient, name: string, directory: string): Promise<NamedContext> {
  const { clientContext, receiveIgnore } = await import("./client-source.ts");
  const { ground, stack, signal } = opening;
  const asking = { ground, client, stack, signal };
  const rules = await ignoreRulesOf(await receiveIgnore(asking, directory));
  return { kind: "directory", source: openContext(ground, await clientContext(asking, directory, rules), rules, { name }) };
}

/** A git repository, or a tar from a URL. */
async function fetchContext(opening: Opening, name: string, value: string): Promise<NamedContext> {
  const { ground, options, progress, signal, stack } = opening;
  const received = await progress.step(`[context ${name}] ${value}`, async () => {
    const { receiveRemote } = await import("./receive.ts");
    return receiveRemote(ground, value, options, signal);
  });
  stack.use(received);
  if (received.material) progress.madeFrom(received.material);
  if (received.text !== undefined)
    throw new EngineError("invalid", `cannot use "${value}" as the named context "${name}": it is no archive`);
  const opened = await openDirectory(opening, name, { directory: received.directory, temporary: true });
  return { ...opened, ...(received.date !== undefined && { date: received.date }) };
}
