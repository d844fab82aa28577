/**
 * A container's log as one stream of lines, whatever files it lies in: `ctr.log`, which is written to, and before it
 * the rotated `ctr.log.N`, the older the lower N. Numbers are never used again, so that a reader that is held up, or reads
 * while the log is rotated, finds the file that follows its own; where only one file is kept, an empty one holds the number.
 */
import { LogFile } from "./log-file.ts";
import { generationPath, generations, inodeOf } from "./log-generations.ts";

/** What a follower says where that happened. */
export const missedText =
  "berth: output is missing here: it was not read before the log reached its limit (--log-opt max-size, max-file) and was rotated away";

export interface LogPlace {
  /** Only the last lines of what is there; 0 is only what comes. */
  tail?: number;
  /** Only the lines in the last bytes of the newest file. */
  bytes?: number;
}

export class LogReader implements Disposable {
  readonly #log: string;
  #file: LogFile | undefined;
  /** The number that the file has, or will have when it is rotated. */
  #number = 0;
  /** It only holds the number of one that was not kept: a log is not rotated before there is something in it. */
  #holdsNumber = false;
  #missed = false;
  #hasRead = false;

  /** The log need not be there yet. */
  constructor(log: string, { tail, bytes }: LogPlace = {}) {
    this.#log = log;
    if (tail !== undefined) this.#file = this.#seekTail(tail);
    else if (bytes !== undefined) {
      this.#file = tryOpen(log);
      this.#file?.seekLast(bytes);
    }
    this.#number = this.#file ? this.#numberOf(this.#file) : 0;
  }

  /** The next lines, each with its line end, the caller's until the next call; undefined when all that is there was read. */
  next(): Buffer | undefined {
    for (;;) {
      this.#file ??= this.#openFirst();
      if (!this.#file) return undefined;
      const lines = this.#nextOf(this.#file);
      if (lines || inodeOf(this.#log) === this.#file.inode) return lines;
      // Another file has its name: nothing comes to this one any more, but something may have come since its end was seen.
      const last = this.#nextOf(this.#file);
      if (last) return last;
      const before = this.#number;
      const next = this.#openNext(this.#file);
      if (!next) return undefined; // the container is being removed
      this.#missed ||= this.#number > before + (this.#holdsNumber ? 0 : 1);
      this.#file[Symbol.dispose]();
      this.#file = next;
    }
  }

  /** The head of the first file may have gone long ago; of a later one, or behind a place that was read, it is missed. */
  #nextOf(file: LogFile): Buffer | undefined {
    const { cut } = file;
    const lines = file.next();
    if (this.#hasRead && file.cut > cut) this.#missed = true;
    this.#hasRead ||= lines !== undefined;
    return lines;
  }

  /** True when the limit of the log has taken something away before it was read, since this was asked last. */
  get hasMissed(): boolean {
    const has = this.#missed;
    this.#missed = false;
    return has;
  }

  #openFirst(): LogFile | undefined {
    return this.#openAfter(() => generations(this.#log)[0]);
  }

  #openNext({ inode }: LogFile): LogFile | undefined {
    return this.#openAfter(() => {
      const all = generations(this.#log);
      // Its own is not among them when it was too old to be kept: then all the others are newer.
      const own = all.findIndex((number) => inodeOf(generationPath(this.#log, number)) === inode);
      return all[own + 1];
    });
  }

  /** Opens the rotated file that `find` names, else the current one; as long as that is not what came next before it was open. */
  #openAfter(find: () => number | undefined): LogFile | undefined {
    for (;;) {
      const number = find();
      const file = tryOpen(number === undefined ? this.#log : generationPath(this.#log, number));
      if (!file && number === undefined) return undefined;
      const now = find();
      if (file && inodeOf(now === undefined ? this.#log : generationPath(this.#log, now)) === file.inode) {
        this.#number = this.#numberOf(file);
        this.#holdsNumber = number !== undefined && file.isEmpty;
        return file;
      }
      file?.[Symbol.dispose]();
    }
  }

  #numberOf({ inode }: LogFile): number {
    const all = generations(this.#log);
    return all.find((number) => inodeOf(generationPath(this.#log, number)) === inode) ?? (all.at(-1) ?? 0) + 1;
  }

  /** The file, at the place, where the last `count` lines begin. */
  #seekTail(count: number): LogFile | undefined {
    let file = tryOpen(this.#log);
    // One line end more: behind it the wanted lines begin.
    let left = file?.seekBack(count + 1, true) ?? 0;
    for (const number of generations(this.#log).reverse()) {
      if (left === 0) break;
      const older = tryOpen(generationPath(this.#log, number));
      if (!older) break; // rotated away meanwhile, and so is all before it
      if (older.inode === file?.inode) {
        older[Symbol.dispose]();
        continue;
      }
      file?.[Symbol.dispose]();
      file = older;
      left = file.seekBack(left, left > count);
    }
    return file;
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }
}

function tryOpen(path: string): LogFile | undefined {
  try {
    return new LogFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
