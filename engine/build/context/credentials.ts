/** What a build shows to registries: its client's credentials, those it was given, else docker's configuration. */
import type { Credentials } from "../../docker.ts";
import type { BuildOptions } from "../index.ts";

/** Undefined: whatever docker's configuration has. null: nothing. */
export async function credentialsOf({ client, credentials }: BuildOptions, domain: string): Promise<Credentials | null | undefined> {
  if (client) return client.credentials(domain);
  return credentials && (credentials[domain] ?? null);
}
