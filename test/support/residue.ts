/** What a state directory still holds that nobody owns: looked up in its files and tables, not asked of berth. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The layer of images that have none. */
const emptyLayer = "empty";
const predefined = ["bridge", "host", "none"];

interface Facts {
  containers: string[];
  layers: string[];
  volumes: string[];
  images: string[];
}

/**
 * One line for each directory, file or row that belongs to nothing: what crashes left and nobody cleaned up.
 * @param expectEmpty every container, image, volume, network and cache record was removed: what is left is residue too
 */
export function residue(root: string, options: { expectEmpty?: boolean } = {}): string[] {
  const database = new DatabaseSync(join(root, "berth.db"), { readOnly: true, timeout: 10_000 });
  try {
    const column = (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map((row) => Object.values(row).map(String).join(" "));
    const facts: Facts = {
      containers: column("SELECT id FROM containers"),
      layers: column("SELECT dir FROM layers"),
      volumes: column("SELECT name FROM volumes"),
      images: column("SELECT id FROM images"),
    };
    const running = column("SELECT id FROM containers WHERE status IN ('running', 'paused', 'restarting')");
    return [
      ...column("SELECT kind, subject FROM leases").map((line) => `lease ${line}`),
      ...column("SELECT id, status FROM containers WHERE status IN ('creating', 'removing')").map((line) => `container ${line}`),
      ...column("SELECT owner FROM endpoints UNION SELECT owner FROM ports")
        .filter((id) => !running.includes(id))
        .map((id) => `endpoint of ${id}`),
      ...column("SELECT tags.reference FROM tags LEFT JOIN images ON images.id = tags.image WHERE images.id IS NULL").map(
        (line) => `tag ${line}`,
      ),
      ...filesWithoutRows(root, facts, running),
      ...(options.expectEmpty ? leftRows(column, facts) : []),
    ];
  } finally {
    database.close();
  }
}

function filesWithoutRows(root: string, { containers, layers, volumes }: Facts, running: readonly string[]): string[] {
  const strays = (directory: string, known: readonly string[]) =>
    entries(join(root, directory))
      .filter((name) => !known.includes(name))
      .map((name) => `${directory}/${name}`);
  return [
    ...strays("tmp", []),
    ...strays("containers", containers),
    ...strays("layers", [...layers, emptyLayer]),
    ...strays("l", [...layers, emptyLayer]),
    ...strays("volumes", volumes),
    ...strays("build/steps", []),
    ...strays("run/netns", running),
    ...strays("run/runtime", running),
    // A crash right after an exit was recorded leaves its file until the next start or removal.
    ...strays("run/exits", containers),
    ...layers.filter((name) => !existsSync(join(root, "layers", name, "diff"))).map((name) => `row of layer ${name} without files`),
  ];
}

function leftRows(column: (sql: string) => string[], facts: Facts): string[] {
  return [
    ...Object.entries<string[]>({ ...facts }).flatMap(([table, rows]) => rows.map((row: string) => `${table} ${row}`)),
    ...column("SELECT name FROM networks")
      .filter((name) => !predefined.includes(name))
      .map((name) => `network ${name}`),
    ...column("SELECT key FROM build_cache").map((key) => `build cache ${key}`),
  ];
}

function entries(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
