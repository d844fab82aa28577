/** The tree that paths.ts draws, and a state directory after a day's commands: each has what the other has. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultRoot, directoriesOf, pathsFor } from "../../../engine/state/paths.ts";
import { Program } from "../../e2e/program.ts";
import { busyboxTar } from "../../support/rootfs.ts";
import { home } from "../../support/source-tree.ts";

interface Drawn {
  /** "ROOT/layers/ID/diff/" */
  path: string;
  matches: (path: string) => boolean;
}

/** Words in capitals stand for a name: ID, HEX. */
function drawn(path: string): Drawn {
  const pattern = path
    .replace(/\/$/, "")
    .replaceAll(".", "\\.")
    .replaceAll(/(?<=[/.])[A-Z]+(?=[/.\\]|$)/g, "[^/]+");
  const whole = new RegExp(`^${pattern}$`);
  return { path, matches: (each) => whole.test(each) };
}

/** The lines of the tree: names, two blanks, what they are; what belongs to a directory stands further in. */
function treeOf(comment: string): Drawn[] {
  const parents: string[] = [];
  return [...comment.matchAll(/^ \* {5}( *)((?:\S+ )*\S+)(?: {2,}.*)?$/gm)].flatMap(([, indent = "", names = ""]) => {
    const depth = indent.length / 2;
    const paths = names.split(" ").map((name) => `${parents.slice(0, depth).join("")}${name}`);
    parents[depth] = names;
    return paths.map(drawn);
  });
}

const comment = /^\/\*\*[\s\S]*?\*\//.exec(readFileSync(join(home, "engine/state/paths.ts"), "utf8"))![0];
const tree = treeOf(comment).filter(({ path }) => /^(ROOT|RUN)\/./.test(path));
const hasChildren = ({ path }: Drawn) => tree.some((other) => other.path !== path && other.path.startsWith(path));

let found: string[];
const program = new Program();

beforeAll(async () => {
  const context = mkdtempSync(join(tmpdir(), "berth-paths-"));
  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nRUN --mount=type=cache,target=/c date > /c/now\nCOPY a /\n");
  writeFileSync(join(context, "a"), "a");
  await program.ok(["import", busyboxTar(), "busybox"]);
  await program.ok(["build", "-q", "-t", "app", context]);
  const archive = join(context, "app.tar");
  await program.ok(["save", "--format", "oci", "-o", archive, "app"]);
  await program.ok(["load", "-i", archive]);
  await program.ok(["network", "create", "net"]);
  await program.ok(["run", "--rm", "-v", "data:/data", "busybox", "mkdir", "/data/part"]);
  const part = "type=volume,source=data,target=/part,volume-subpath=part";
  await program.ok(["run", "-d", "--network", "net", "-p", "80", "--ipc", "shareable", "--mount", part, "app", "sleep", "1d"]);
  rmSync(context, { recursive: true });
  found = [...entriesBelow(program.root, "ROOT/")].map((path) => path.replace(/^ROOT\/run(?=\/|$)/, "RUN"));
}, 120_000);

afterAll(() => program[Symbol.asyncDispose]());

/** All paths, not into directories whose inside the tree leaves open. */
function* entriesBelow(directory: string, prefix: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    yield path;
    const node = tree.find(({ matches }) => matches(path.replace(/^ROOT\/run(?=\/|$)/, "RUN")));
    if (entry.isDirectory() && (!node || hasChildren(node))) yield* entriesBelow(join(directory, entry.name), `${path}/`);
  }
}

test("what lies in a state directory is in the tree", () => {
  const isDrawn = (path: string) => tree.some(({ path: line, matches }) => matches(path) || drawnAbove(line, path));
  expect(found.filter((path) => path !== "RUN" && !isDrawn(path))).toEqual([]);
});

/** "blobs/sha256/HEX" draws two directories with it. */
function drawnAbove(line: string, path: string): boolean {
  const parts = line.split("/").filter(Boolean);
  return parts.some((_, end) => end > 0 && drawn(parts.slice(0, end).join("/")).matches(path));
}

test("what is in the tree lies in a state directory", () => {
  const passing = [
    // While a process has the database open, while something is made, when something ended, or after a project was started.
    ...["ROOT/berth.db-wal", "ROOT/berth.db-shm", "ROOT/tmp/NAME/", "ROOT/build/steps/ID/", "RUN/exits/ID", "RUN/notes/HEX"],
    // For archives with a name twice, demands of Dockerfiles, logs that were full, IPv6, and the forwarding that this host had without berth.
    ...[
      "ROOT/layers/ID/spill",
      "ROOT/layers/ID/security.json",
      "ROOT/containers/ID/ctr.log.N",
      "RUN/network/.router4",
      "RUN/network/.router6",
    ],
  ];
  const missing = tree.filter(({ path, matches }) => !passing.includes(path) && !found.some(matches));
  expect(tree.length).toBeGreaterThan(35);
  expect(missing.map(({ path }) => path)).toEqual([]);
});

test("what paths.ts gives is in the tree, for the default root and for others", () => {
  for (const root of [defaultRoot, "/srv/berth"]) {
    const paths = pathsFor(root);
    const asDrawn = (path: string) => path.replace(/^\/run\/berth(?=\/|$)|^\/srv\/berth\/run(?=\/|$)/, "RUN").replace(root, "ROOT");
    const lines = [...tree.map(({ path }) => path), "ROOT", "RUN"];
    const given = [...new Set([...Object.values(paths), ...directoriesOf(paths)])].filter((path) => path !== paths.hostLock);
    expect(given.map(asDrawn).filter((path) => !lines.some((line) => `${line}/`.startsWith(`${path}/`)))).toEqual([]);
  }
});
