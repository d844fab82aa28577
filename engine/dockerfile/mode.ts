/** File modes as `COPY --chmod` takes them: octal, or chmod(1)'s symbolic form (POSIX chmod, "symbolic_mode"). */

const clause = "[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+";
const symbolic = new RegExp(`^${clause}(?:,${clause})*$`);

export function isFileMode(text: string): boolean {
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) <= 0o7777 : symbolic.test(text);
}

/** Positions of a class's rwx bits. */
const shifts: Record<string, number> = { u: 6, g: 3, o: 0 };

/**
 * The mode that results from applying `text` to a file.
 * @param mode its permission bits now, 0 to 0o7777
 * @param directory `X` means execute for directories, and for files that someone may already execute
 */
export function applyFileMode(text: string, mode: number, directory: boolean): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8) & 0o7777;
  let result = mode;
  for (const part of text.split(",")) {
    const who = /^[ugoa]*/.exec(part)![0];
    const classes = who === "" || who.includes("a") ? "ugo" : who;
    for (const [, operator, permissions] of part.slice(who.length).matchAll(/([-+=])([rwxXstugo]*)/g)) {
      result = applyAction(result, classes, operator!, permissions!, directory);
    }
  }
  return result;
}

function applyAction(mode: number, classes: string, operator: string, permissions: string, directory: boolean): number {
  let bits = 0;
  let all = 0;
  for (const each of new Set(classes)) {
    const shift = shifts[each]!;
    bits |= rwx(mode, permissions, directory) << shift;
    all |= 0o7 << shift;
    if (each === "u") all |= 0o4000;
    if (each === "g") all |= 0o2000;
    if (each === "u" && permissions.includes("s")) bits |= 0o4000;
    if (each === "g" && permissions.includes("s")) bits |= 0o2000;
  }
  if (permissions.includes("t")) bits |= 0o1000;
  if (operator === "+") return mode | bits;
  if (operator === "-") return mode & ~bits;
  return (mode & ~all & (classes === "ugo" ? ~0o1000 : ~0)) | bits;
}

function rwx(mode: number, permissions: string, directory: boolean): number {
  let bits = 0;
  if (permissions.includes("r")) bits |= 4;
  if (permissions.includes("w")) bits |= 2;
  if (permissions.includes("x")) bits |= 1;
  if (permissions.includes("X") && (directory || mode & 0o111)) bits |= 1;
  for (const from of "ugo") if (permissions.includes(from)) bits |= (mode >> shifts[from]!) & 7;
  return bits;
}
