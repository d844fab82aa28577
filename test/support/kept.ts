/** A tree that has what copies like to lose, what of it is left somewhere else, and what engine/README.md says should be. */
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { readAttributes } from "../../engine/image/layer/attributes.ts";
import { setTimes, splitTime, writeXattr } from "../../engine/sys/files.ts";

/** cap_net_raw=ep (linux/capability.h, revision 2). */
const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
const beforeEpoch = -1_500_000_001n;
const later = 1_234_567_890_123_456_789n;
/** "a\344b" and "to\377". */
const name = Buffer.from("61e462", "hex");
const link = Buffer.from("746fff", "hex");
const at = (directory: string, base: Buffer) => Buffer.concat([Buffer.from(`${directory}/`), base]);

/** Makes the tree. @param directory that is not there yet */
export function makeTree(directory: string): void {
  mkdirSync(directory);
  writeFileSync(at(directory, name), "latin");
  symlinkSync(name, at(directory, link));
  writeFileSync(`${directory}/old`, "old");
  writeXattr(`${directory}/old`, "user.note", Buffer.from("kept"));
  writeXattr(`${directory}/old`, "security.capability", capability);
  linkSync(`${directory}/old`, `${directory}/other`);
  writeXattr(directory, "user.note", Buffer.from("directory"));
  makeSparse(`${directory}/sparse`);
  date(`${directory}/old`, beforeEpoch);
  date(directory, later);
}

function makeSparse(path: string): void {
  const fd = openSync(path, "w");
  writeSync(fd, "middle", 10 << 20);
  closeSync(fd);
  truncateSync(path, 20 << 20);
}

function date(path: string, time: bigint): void {
  const { seconds, nanoseconds } = splitTime(time);
  setTimes(path, seconds, nanoseconds);
}

/** What a row of the table says of one way to copy. */
export interface Kept {
  names: string;
  attributes: string;
  times: string;
  holes: string;
  links: string;
}

/** What of the tree is left at another place, in the words of the table. */
export function keptIn(directory: string): Kept {
  return {
    names: keepsNames(directory) ? "any" : "lost",
    attributes: keepsAttributes(directory) ? "yes" : "lost",
    times: timesKept(directory),
    holes: keepsHoles(`${directory}/sparse`) ? "yes" : "lost",
    links: lstatSync(`${directory}/old`).ino === lstatSync(`${directory}/other`).ino ? "yes" : "lost",
  };
}

function keepsNames(directory: string): boolean {
  const names = readdirSync(directory, { encoding: "buffer" }).sort(Buffer.compare);
  const expected = [name, "old", "other", "sparse", link].map((each) => Buffer.from(each)).sort(Buffer.compare);
  return Buffer.concat(names).equals(Buffer.concat(expected)) && readlinkSync(at(directory, link), { encoding: "buffer" }).equals(name);
}

function keepsAttributes(directory: string): boolean {
  const found = readAttributes(`${directory}/old`);
  const note = readAttributes(directory)?.get("user.note")?.toString();
  return (
    found?.get("security.capability")?.equals(capability) === true && found.get("user.note")?.toString() === "kept" && note === "directory"
  );
}

function timesKept(directory: string): string {
  const times = [`${directory}/old`, directory].map((path) => lstatSync(path, { bigint: true }).mtimeNs);
  if (times[0] === beforeEpoch && times[1] === later) return "nanoseconds";
  return times[0] === -2_000_000_000n && times[1] === 1_234_567_890_000_000_000n ? "seconds" : "lost";
}

function keepsHoles(path: string): boolean {
  const { size, blocks } = lstatSync(path);
  return size === 20 << 20 && blocks * 512 <= 64 << 10 && readFileSync(path).indexOf("middle") === 10 << 20;
}

/** The rows of "What a copy keeps" in engine/README.md, by their first column. */
export function tableRows(): Record<string, Kept> {
  const text = readFileSync(new URL("../../engine/README.md", import.meta.url), "utf8");
  const [, section = ""] = text.split("## What a copy keeps\n");
  const rows = section
    .split("\n## ")[0]!
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| way"));
  return Object.fromEntries(
    rows.map((line) => {
      const [way = "", names = "", attributes = "", times = "", holes = "", links = ""] = line
        .split("|")
        .slice(1)
        .map((cell) => cell.trim());
      return [way.replaceAll("`", ""), { names, attributes, times, holes, links }];
    }),
  );
}
