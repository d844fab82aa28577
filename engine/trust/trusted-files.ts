/** The files that a policy is made of: itself, keys, certificates. Whoever may write to one decides what is trusted, so nobody else may. */
import { type BigIntStats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { EngineError, toEngineError } from "../errors.ts";
import { readLimited } from "../sys/limited-file.ts";

const limit = 1 << 20;

/** Reads files, and remembers which, to be asked whether any of them has changed. */
export class TrustedFiles {
  readonly #stamps = new Map<string, string>();

  /** @throws EngineError `invalid` for what others may write to, is no file or too large, or is not there */
  read(path: string, what: string): string {
    try {
      const stats = statSync(path, { bigint: true });
      this.#stamps.set(path, stampOf(stats));
      requireOwn(stats, path, what);
      return readLimited(path, { limit, name: `${what} "${path}"` }).toString("utf8");
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw new EngineError("invalid", `cannot read ${what} "${path}": ${(error as Error).message}`, {
        cause: toEngineError(error),
        hint: "a policy that cannot be read lets nothing pass: mend it, or remove it",
      });
    }
  }

  /** A file that another one names. */
  readBeside(file: string, name: string, what: string): string {
    return this.read(resolve(dirname(file), name), what);
  }

  get isCurrent(): boolean {
    return [...this.#stamps].every(([path, stamp]) => {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stats !== undefined && stampOf(stats) === stamp;
    });
  }
}

const stampOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats) => [dev, ino, size, mtimeNs, ctimeNs].join(" ");

function requireOwn({ mode, uid }: BigIntStats, path: string, what: string): void {
  const isOwn = uid === 0n || uid === BigInt(process.getuid?.() ?? 0);
  // A terminal, a pipe, /dev/null: not a file, and said so by who reads it.
  if (isOwn && (mode & 0o022n) === 0n) return;
  throw new EngineError("invalid", `cannot trust ${what} "${path}": others may write to it`, {
    hint: `make it root's alone: chown root ${path} && chmod go-w ${path}`,
  });
}
