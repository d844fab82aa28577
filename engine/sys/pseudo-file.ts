/**
 * Files that the kernel writes as they are read: proc(5) and control groups. They claim a size of 0, for which Node's
 * readFileSync makes a new buffer per read and joins them; with a hundred containers' figures that is most of the time.
 */
import { closeSync, openSync, readSync } from "node:fs";

const buffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The content as latin1, at most 64 KiB.
 * @throws the system error of open(2) or read(2)
 */
export function readPseudoFile(path: string): string {
  const fd = openSync(path, "r");
  try {
    let size = 0;
    // One read gives whole lines up to a page; more of them may follow.
    for (let read = -1; read !== 0 && size < buffer.length; size += read) read = readSync(fd, buffer, size, buffer.length - size, null);
    return buffer.toString("latin1", 0, size);
  } finally {
    closeSync(fd);
  }
}
