/**
 * How much one archive may unpack to. A few kilobytes can stand for terabytes: an archive that goes over is refused before
 * it has filled the disk. Counted are the bytes of the uncompressed tar, whatever they are, the holes of sparse files, and what an entry costs a file
 * system even when it is empty.
 */
import { EngineError } from "../../errors.ts";

const defaultLimit = 32 * 2 ** 30;
/** Bytes that an entry counts: an inode, its name, a block. */
const entryCost = 4 << 10;
const powers: Record<string, number> = { "": 0, k: 1, m: 2, g: 3, t: 4 };

/** Bytes; `$BERTH_MAX_UNPACKED`, else 32 GiB. @throws EngineError `invalid` */
export function unpackLimit(text: string | undefined = process.env["BERTH_MAX_UNPACKED"]): number {
  if (!text) return defaultLimit;
  const [, number, unit = ""] = /^(\d+)([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  const limit = Number(number) * 1024 ** (powers[unit.toLowerCase()] ?? 0);
  if (number === undefined || !Number.isSafeInteger(limit) || limit === 0)
    throw new EngineError("invalid", `cannot use BERTH_MAX_UNPACKED "${text}": expected bytes, for instance 64g`);
  return limit;
}

/** @throws EngineError `archive` when an archive of that size is over the limit */
export function checkUnpacked(tarSize: number, entries: number, limit: number): void {
  if (tarSize + entries * entryCost <= limit) return;
  throw new EngineError(
    "archive",
    `refused the archive: it unpacks to more than ${limit} bytes (so far ${tarSize} in ${entries} entries)`,
    {
      hint: "set BERTH_MAX_UNPACKED to a higher limit, for instance 64g, if you trust it",
    },
  );
}
