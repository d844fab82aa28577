/**
 * What packages an image has: the databases of its managers at their places, and whatever of Node, Python and Go lies in its tree. A
 * record that is not to be read is left out with a note: an image can hold anything, and what is said of it must not end in an error.
 */
import { toEngineError } from "../../errors.ts";
import { compareText } from "../../state/sorted.ts";
import { readGoBinary } from "./go-binary.ts";
import { namesAt, readFileAt, type SeenFile, walkFiles } from "./image-tree.ts";
import { type Distribution, type FoundPackage, fullName, unknownDistribution } from "./package.ts";
import { readApk, readDistribution, readDpkg, readNode, readPython } from "./records.ts";
import { readRpmDatabase } from "./rpm.ts";

export interface Scan {
  distribution: Distribution;
  /** By type, name and version. */
  packages: FoundPackage[];
  /** What was left out, and why. */
  notes: string[];
}

export interface ScanLimits {
  /** Bytes of a manager's database, and of one package's record. */
  database: number;
  record: number;
  /** Files and directories, and how deep these lie. */
  entries: number;
  depth: number;
  packages: number;
}

const usualLimits: ScanLimits = { database: 256 << 20, record: 1 << 20, entries: 3_000_000, depth: 128, packages: 200_000 };
const mostNotes = 100;

/** @param root the directory of an image's files, which only this reads */
export function scanTree(root: string, limits: ScanLimits = usualLimits): Scan {
  const scanner = new Scanner(root, limits);
  scanner.readDatabases();
  scanner.walk();
  return scanner.result();
}

type Reader = (text: string, place: string) => FoundPackage[];

class Scanner {
  readonly #root: string;
  readonly #limits: ScanLimits;
  #found = new Map<string, FoundPackage>();
  #notes: string[] = [];
  #distribution = unknownDistribution;

  constructor(root: string, limits: ScanLimits) {
    this.#root = root;
    this.#limits = limits;
  }

  result(): Scan {
    const packages = [...this.#found].sort(([a], [b]) => compareText(a, b)).map(([, each]) => each);
    return { distribution: this.#distribution, packages, notes: this.#notes };
  }

  readDatabases(): void {
    for (const place of ["/etc/os-release", "/usr/lib/os-release"]) {
      const text = this.#database(place)?.toString("utf8");
      if (text === undefined) continue;
      this.#distribution = readDistribution(text);
      break;
    }
    this.#records("/var/lib/dpkg/status", readDpkg);
    for (const name of namesAt(this.#root, "/var/lib/dpkg/status.d").filter((each) => !each.endsWith(".md5sums")))
      this.#records(`/var/lib/dpkg/status.d/${name}`, readDpkg);
    for (const place of ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"]) this.#records(place, readApk);
    for (const directory of ["/var/lib/rpm", "/usr/lib/sysimage/rpm"]) this.#rpm(directory);
  }

  #rpm(directory: string): void {
    const names = namesAt(this.#root, directory);
    const place = `${directory}/rpmdb.sqlite`;
    const file = names.includes("rpmdb.sqlite") ? this.#database(place) : undefined;
    if (file) this.#guarded(place, () => this.#add(readRpmDatabase(file, place)));
    else if (names.includes("Packages.db"))
      this.#note(`${directory}/Packages.db`, "rpm's packages are in a database of its form ndb, which is not read here");
    else if (names.includes("Packages"))
      this.#note(`${directory}/Packages`, "rpm's packages are in a Berkeley database, which is not read here");
  }

  #records(place: string, read: Reader): void {
    const file = this.#database(place);
    if (file) this.#guarded(place, () => this.#add(read(file.toString("utf8"), place)));
  }

  #database(place: string): Buffer | undefined {
    return this.#guarded(place, () => {
      const file = readFileAt(this.#root, place, this.#limits.database);
      if (file && !file.isWhole) this.#note(place, "it is too large");
      return file?.isWhole ? file.bytes : undefined;
    });
  }

  walk(): void {
    const isWhole = walkFiles(
      this.#root,
      (name, path) => kindOf(name, path) !== undefined,
      (file) => this.#guarded(file.path, () => this.#visit(file)),
      this.#limits,
    );
    if (!isWhole) this.#note("/", "there are too many files, or too deep ones, to look at all of them");
  }

  #visit(file: SeenFile): void {
    const kind = kindOf(file.name, file.path);
    if (kind === "program") this.#program(file);
    else if (kind) this.#small(file, kind === "node" ? readNode : readPython, kind === "python");
  }

  /** @param begins what comes first is all that counts */
  #small(file: SeenFile, read: Reader, begins: boolean): void {
    const content = file.read(this.#limits.record);
    if (!content) return;
    if (!content.isWhole && !begins) {
      this.#note(file.path, "it is too large");
      return;
    }
    const found = read(content.bytes.toString("utf8"), file.path);
    // A package.json without a name or a version is a directory's, no package's.
    if (found.length === 0 && !isJson(content.bytes)) this.#note(file.path, "it is malformed");
    this.#add(found);
  }

  #program(file: SeenFile): void {
    if (!(file.mode() & 0o111)) return;
    const found = file.open((read) => readGoBinary(read, file.path));
    if (found === "old") this.#note(file.path, "it was built by Go before 1.18, whose modules are not read here");
    else if (found) this.#add(found);
  }

  #add(packages: readonly FoundPackage[]): void {
    for (const each of packages) {
      if (this.#found.size >= this.#limits.packages) {
        this.#note(each.place, "there are too many packages");
        return;
      }
      const key = [each.type, fullName(each), each.version, each.architecture ?? ""].join("\0");
      if (!this.#found.has(key)) this.#found.set(key, each);
    }
  }

  #guarded<T>(place: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#note(place, toEngineError(error, "it cannot be read").message);
      return undefined;
    }
  }

  #note(place: string, why: string): void {
    if (this.#notes.length < mostNotes) this.#notes.push(`${place}: ${why}`);
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

/** Ends of names that are no programs': most files of an image need not be looked at. */
const noProgram =
  /\.(?:[cm]?[jt]sx?|map|py[cio]?|pyi|rb|p[lm]|lua|java|class|jar|h|hpp|c|cc|go|rs|s?o(?:\.[\d.]+)?|a|la|json|ya?ml|toml|xml|html?|css|md|rst|txt|list|md5sums|conf|cfg|mo|po|gz|bz2|xz|zst|zip|tar|png|svg|jpe?g|gif|ico|woff2?|ttf|pem|crt|db|log)$/i;

/** Of what kind a file may be, by its name. */
function kindOf(name: string, path: string): "node" | "python" | "program" | undefined {
  if (name === "package.json") return /\/node_modules\/(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(path) ? "node" : undefined;
  if (name === "METADATA") return path.endsWith(".dist-info/METADATA") ? "python" : undefined;
  if (name === "PKG-INFO") return path.endsWith(".egg-info/PKG-INFO") ? "python" : undefined;
  if (name.endsWith(".egg-info")) return "python";
  return noProgram.test(name) ? undefined : "program";
}
