/** The mode of a file as Go's os.FileMode has it: permissions as everywhere, but kinds and special bits at other places. Pure. */

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

/** Pairs: the formatter misreads octal numbers that are keys. */
const kinds = new Map([
  [0o040000, 2 ** 31], // ModeDir
  [0o120000, 2 ** 27], // ModeSymlink
  [0o060000, 2 ** 26], // ModeDevice
  [0o020000, 2 ** 26 + 2 ** 21], // ModeDevice, ModeCharDevice
  [0o010000, 2 ** 25], // ModeNamedPipe
  [0o140000, 2 ** 24], // ModeSocket
]);

/** set-user-ID, set-group-ID, sticky. */
const specials: readonly (readonly [number, number])[] = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
];

/** @returns st_mode of stat(2) */
export function unixMode(go: number): number {
  const special = specials.reduce((sum, [bit, each]) => sum + (hasBits(go, each) ? bit : 0), 0);
  const [kind = S_IFREG] = [...kinds].findLast(([, bits]) => hasBits(go, bits)) ?? [];
  return kind + special + (go & 0o777);
}

const hasBits = (mode: number, bits: number) => (mode & bits) === (bits | 0);

/** @param mode st_mode of stat(2) */
export function goMode(mode: number): number {
  const special = specials.reduce((sum, [bit, go]) => sum + (mode & bit ? go : 0), 0);
  return (mode & 0o777) + special + (kinds.get(mode & S_IFMT) ?? 0);
}

/** The other way. @param mode os.FileMode */
export function fileMode(mode: number): number {
  const has = (bit: number) => Math.floor(mode / bit) % 2 === 1;
  const special = specials.reduce((sum, [bit, go]) => sum + (has(go) ? bit : 0), 0);
  const isCharacter = has(2 ** 21);
  const kind = [...kinds].find(([, go]) => (isCharacter ? go === 2 ** 26 + 2 ** 21 : has(go)))?.[0];
  return (mode & 0o777) + special + (kind ?? 0o100000);
}
