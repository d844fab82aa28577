/** What instructions configure: an image's configuration in the making, in a build's stage or by `--change` of commit and import. */
import type { ContainerConfig } from "../docker.ts";

/** What is configured. */
export interface Configured {
  config: Omit<ContainerConfig, "Image">;
  /** What word expansion sees. */
  environment: Map<string, string>;
  /** A CMD was among the instructions: ENTRYPOINT resets an inherited one only. */
  cmdSet: boolean;
  author?: string;
}

/** The shell that wraps the shell form: SHELL's, else /bin/sh -c. */
export function shellOf({ config }: Pick<Configured, "config">): string[] {
  return config.Shell?.length ? config.Shell : ["/bin/sh", "-c"];
}

/** Key and value of a "KEY=value" entry. */
export function splitVariable(entry: string): [key: string, value: string] {
  const at = entry.indexOf("=");
  return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
}
