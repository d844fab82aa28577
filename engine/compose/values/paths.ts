/** Paths as docker compose tidies them: posix, without "." and "..", doubled and trailing slashes. Pure. */
import { posix } from "node:path";

export function clean(path: string): string {
  const tidy = posix.normalize(path);
  return tidy.length > 1 && tidy.endsWith("/") ? tidy.slice(0, -1) : tidy;
}

/** `path` below `base`, which may itself be relative. */
export function join(base: string, path: string): string {
  return clean(posix.join(base, path));
}

/** A leading ~ is the user's home, where that is known. */
export function expandHome(path: string, home: string | undefined): string {
  return path.startsWith("~") && home ? join(home, path.slice(1)) : path;
}
