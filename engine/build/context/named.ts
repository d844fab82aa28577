/** `--build-context NAME=VALUE`: further places for FROM and --from to take files from; a name goes before stages and images. */
import { resolve } from "node:path";
import { EngineError } from "../../errors.ts";
import type { House } from "../../house.ts";
import type { BuildOptions } from "../index.ts";
import { contextDirectory, ignoreFileOf, parseIgnore } from "../source.ts";
import { type ContextSource, openContext } from "./source.ts";

export type NamedContext = { kind: "image"; reference: string } | { kind: "directory"; source: ContextSource };

export interface NamedContexts {
  names: ReadonlySet<string>;
  get(name: string): NamedContext;
  /** Remembers the hashes that were computed. */
  save(): void;
}

/** @throws EngineError for a value that is neither a directory nor an image */
export async function openContexts(house: House, { buildContexts = {}, cwd = process.cwd() }: BuildOptions): Promise<NamedContexts> {
  const contexts = new Map<string, NamedContext>();
  for (const [name, value] of Object.entries(buildContexts)) contexts.set(name.toLowerCase(), await open(house, name, value, cwd));
  const find = (name: string): NamedContext => {
    const found = contexts.get(name);
    if (!found) throw new EngineError("internal", `there is no named context "${name}"`);
    return found;
  };
  return {
    names: new Set(contexts.keys()),
    get: find,
    save() {
      for (const context of contexts.values()) if (context.kind === "directory") context.source.save();
    },
  };
}

async function open(house: House, name: string, value: string, cwd: string): Promise<NamedContext> {
  const image = /^docker-image:\/\/(.+)$/.exec(value)?.[1];
  if (image !== undefined) return { kind: "image", reference: image };
  if (/^[a-z][a-z0-9+.-]*:/.test(value) || value.startsWith("git@")) {
    throw new EngineError("unsupported", `cannot use "${value}" as the named context "${name}"`, {
      exit: 1,
      hint: "give a directory, or an image as docker-image://REFERENCE",
    });
  }
  const place = { directory: contextDirectory(resolve(cwd, value), value), temporary: false };
  const ignore = ignoreFileOf(place);
  return { kind: "directory", source: openContext(house, place, ignore === undefined ? undefined : await parseIgnore(ignore), name) };
}
