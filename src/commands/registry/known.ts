/** The registries that this machine knows: those with credentials, and those that images of the engine came from or went to. */
import type { Engine } from "../../../engine/index.ts";

export interface KnownRegistry {
  /** "docker.io", "localhost:5000" */
  Name: string;
  /** There are credentials for it. */
  LoggedIn: boolean;
  /** Images here that came from it, or went there. */
  Images: number;
}

/** By name, Docker Hub first. */
export async function knownRegistries(engine: Engine): Promise<KnownRegistry[]> {
  const { registriesWithCredentials, registryOf } = await import("../../../engine/registry/repositories/index.ts");
  const known = new Map<string, KnownRegistry>();
  const of = (name: string) => known.get(name) ?? known.set(name, { Name: name, LoggedIn: false, Images: 0 }).get(name)!;
  for (const name of registriesWithCredentials()) of(name).LoggedIn = true;
  // Without an engine, for instance for another user, there are still those with credentials.
  const images = await engine.images.list().catch(() => []);
  for (const { RepoDigests } of images) for (const name of new Set(RepoDigests.map(registryOf))) of(name).Images++;
  const rank = ({ Name }: KnownRegistry) => (Name === "docker.io" ? "" : Name);
  return [...known.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}
