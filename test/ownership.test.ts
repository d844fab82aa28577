/** Who has what: each table of the database one room, each export somebody who takes it. */
import { describe, expect, test } from "vitest";
import { type SourceFile, sourceFiles } from "./support/source-tree.ts";

const program = sourceFiles("engine", "src", "views");
const everything = [...program, ...sourceFiles("test", "scripts")];

describe("nothing is offered in vain", () => {
  const value = /^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm;
  const handedOn = /^export (?:type )?\{([^}]*)\} from /gm;
  const lastName = (entry: string) =>
    entry
      .trim()
      .replace(/^type /, "")
      .split(" as ")
      .at(-1) ?? "";
  const offered = ({ code }: SourceFile) => [
    ...[...code.matchAll(value)].map(([, name = ""]) => name),
    ...[...code.matchAll(handedOn)].flatMap(([, names = ""]) => names.split(",").map(lastName).filter(Boolean)),
  ];
  const users = Map.groupBy(
    everything.flatMap(({ code, imports }) => imports.map(({ target }) => ({ target, code }))),
    ({ target }) => target,
  );

  test("what a file exports, but for types, and what a door names is taken by another file", () => {
    // The library's door is for other packages; projects and the API are for what will be built on them.
    const isForOthers = /^engine\/(index\.ts|(compose|serve)\/)/;
    const vain = program.flatMap((file) => {
      const takers = users.get(file.path) ?? [];
      return offered(file)
        .filter((name) => !takers.some(({ code }) => new RegExp(`\\b${name}\\b|export type \\* from`).test(code)))
        .map((name) => `${file.path}: ${name}`);
    });
    expect(vain.filter((each) => !isForOthers.test(each))).toEqual([]);
  });
});

describe("the database", () => {
  /** Each table's room: it alone reads and writes it, and answers for it to the others (those below by `Ground.lent`). */
  const owners: Record<string, string> = {
    ...{ leases: "state", events: "state", meta: "host" },
    ...{ layers: "image", images: "image", tags: "image", blobs: "image", blob_links: "image", manifests: "image" },
    ...{ layer_blobs: "registry", containers: "container", volumes: "volume" },
    ...{ networks: "network", endpoints: "network", ports: "network" },
    ...{ build_cache: "build", builds: "build" },
  };
  const schema = program.find(({ path }) => path === "engine/state/schema.ts")!;

  test("every table has an owner", () => {
    const tables = [...schema.code.matchAll(/CREATE TABLE (\w+)/g)].map(([, table]) => table);
    expect(tables.sort()).toEqual(Object.keys(owners).sort());
  });

  test("a table is used by its room alone", () => {
    const tables = Object.keys(owners).join("|");
    const use = new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE)\\s+(${tables})\\b|\\b(?:insert|update)\\((?:ground, )?"(${tables})"`, "g");
    const uses = program
      .filter((file) => file !== schema)
      .flatMap(({ path, code }) => [...code.matchAll(use)].map(([, table, other]) => ({ path, table: table ?? other ?? "" })));
    const strange = uses
      .filter(({ path, table }) => path.split("/")[1] !== owners[table])
      .map(({ path, table }) => `${path} uses ${table}`);
    const exceptions = [
      // After the loss of a database it fills the tables of all rooms anew, from what they left beside it for this.
      ...["layers", "images", "tags", "volumes", "containers"].map((table) => `engine/host/repair.ts uses ${table}`),
    ];
    expect(strange.filter((each) => !exceptions.includes(each))).toEqual([]);
    expect(exceptions.filter((each) => !strange.includes(each))).toEqual([]);
    expect(uses.length).toBeGreaterThan(100);
  });
});
