/**
 * The architecture, kept: which way imports point, and which effects live behind which door (the plain rules on files: files.test.ts).
 * A new exception belongs in a table here, with its reason, or better nowhere.
 */
import { describe, expect, test } from "vitest";
import { below, occurrences, violations } from "./support/source-rules.ts";
import { type Import, type SourceFile, sourceFiles } from "./support/source-tree.ts";

const program = sourceFiles("engine", "src", "views");
const engine = program.filter(({ path }) => path.startsWith("engine/"));
const faces = program.filter(({ path }) => !path.startsWith("engine/"));

/** Groups of files that reach each other by static imports of a kind: "a.ts b.ts" for each. */
function circlesOf(files: readonly SourceFile[], counts: (imported: Import) => boolean): string[] {
  const next = new Map(
    files.map(({ path, imports }) => [path, imports.filter((each) => each.isStatic && counts(each)).map(({ target }) => target)]),
  );
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>();
    const pending = [...(next.get(from) ?? [])];
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      pending.push(...(next.get(path) ?? []));
    }
    return seen;
  };
  const reached = new Map([...next.keys()].map((path) => [path, reach(path)]));
  const circles = [...next.keys()].map((path) =>
    [...next.keys()].filter((other) => reached.get(path)!.has(other) && reached.get(other)!.has(path)),
  );
  return [...new Set(circles.filter(({ length }) => length > 1).map((circle) => circle.sort().join(" ")))];
}

/** "engine/container/life/start.ts": "container"; "engine/house.ts": "house". */
const roomOf = (path: string) => path.split("/")[1]?.replace(/\.ts$/, "");

/**
 * Rooms that have sub-rooms, the lowest first. Beside those stand what all of them know (the room's interface and its plain
 * data), and what knows all of them (its front).
 */
const openRooms: Record<string, { below: string[]; subRooms: string[]; above: string[] }> = {
  build: {
    below: ["index"],
    subRooms: ["report", "plan", "workspace", "context", "cache", "carry", "steps", "solve", "output", "demands", "check", "history"],
    above: ["build", "room"],
  },
  image: {
    below: ["index", "types", "progress"],
    subRooms: ["tar", "layer", "documents", "layers", "store", "audit", "archive", "view", "names"],
    above: ["room"],
  },
  network: {
    below: ["index", "types"],
    subRooms: ["address", "records", "kernel", "programs", "names", "forward", "ports", "attach", "networks"],
    above: ["attachment", "room"],
  },
  container: {
    below: ["index", "types", "log-types"],
    subRooms: [...["record", "spec", "plan", "process", "logs", "network", "mounts"], ...["life", "session", "files", "view", "supervise"]],
    above: ["room"],
  },
};

/** "life" for "engine/container/life/start.ts"; undefined outside of sub-rooms. */
const subRoomOf = (path: string) => {
  const [, room, name] = path.split("/");
  return openRooms[room ?? ""]?.subRooms.find((each) => each === name);
};
const placeOf = (path: string) => `${roomOf(path)}/${subRoomOf(path) ?? ""}`;

function rankInRoom(path: string): number {
  const room = openRooms[roomOf(path) ?? ""];
  if (!room) return 0;
  const subRoom = subRoomOf(path);
  if (subRoom) return 1 + room.subRooms.indexOf(subRoom);
  const file = path.split("/").slice(2).join("/").replace(/\.ts$/, "");
  if (room.below.includes(file)) return 0;
  return room.above.includes(file) ? Number.POSITIVE_INFINITY : Number.NaN;
}

describe("imports point one way", () => {
  test("the engine knows nothing of the faces", () => {
    expect(violations(engine, (_, { target }) => below("src", "views", "test", "scripts")(target))).toEqual([]);
  });

  test("only the composition root knows the views", () => {
    const commands = faces.filter(({ path }) => path.startsWith("src/") && path !== "src/main.ts");
    expect(violations(commands, (_, { target }) => below("views")(target))).toEqual([]);
  });

  test("nothing but tests imports tests", () => {
    expect(violations(program, (_, { target }) => below("test")(target))).toEqual([]);
  });

  test("the faces enter the engine by its door", () => {
    // errors.ts is what index.ts re-exports: importing it alone keeps the rooms unloaded until they are needed.
    // What stands above any engine (projects, the API) has a door of its own, so that nothing of it is loaded with the engine.
    // Beside them: small things that every layer has the same of.
    const small = ["errors", "events", "duration", "suggest", "generated-names", "go-quote", "replace-file"];
    const doors = [
      "index",
      ...small,
      "compose/index",
      "compose/artifact/index",
      "serve/index",
      "remote/index",
      "registry/server/index",
      "registry/repositories/index",
      "trust/index",
    ].map((name) => `engine/${name}.ts`);
    const exceptions = [
      // The composition roots open the house themselves, as they also lend it to the hidden commands.
      "src/main.ts imports engine/house.ts",
      "src/quick.ts imports engine/house.ts",
      // conmon starts this hidden command when a container ends: it is the engine's own errand, not a user's.
      "src/commands/system/container-exited.ts imports engine/container/life/exited.ts",
      "src/commands/system/container-exited.ts imports engine/house.ts",
      // So are these: ends of execs that nobody attends to, and health checks.
      "src/commands/system/exec-exited.ts imports engine/container/session/exec-alone.ts",
      "src/commands/system/exec-exited.ts imports engine/house.ts",
      "src/commands/system/exec-left.ts imports engine/container/session/exec-alone.ts",
      "src/commands/system/exec-left.ts imports engine/house.ts",
      "src/commands/system/supervise.ts imports engine/container/supervise/supervise.ts",
      "src/commands/system/supervise.ts imports engine/house.ts",
      // How the process ends without waiting for its threads.
      "src/quick.ts imports engine/sys/bun.ts",
      "src/main.ts imports engine/sys/exit.ts",
      // Standard input there.
      "src/tty.ts imports engine/sys/bun.ts",
      // A terminal mode that Node cannot set.
      "src/tty.ts imports engine/sys/terminal.ts",
      // Whether a write would wait for the reader.
      "src/outlet.ts imports engine/sys/pipe-room.ts",
      // Files that the user names for the environment or a profile: read by one rule, no more than a limit.
      "src/commands/container/flags/identity.ts imports engine/sys/limited-file.ts",
      // `! PROGRAM` and `| PROGRAM` of a session: every child process starts at that door.
      "src/repl/run/host-program.ts imports engine/process/in-pipes.ts",
      "src/repl/run/host-program.ts imports engine/process/spawn.ts",
      // A tool of the desktop's, whose words must not reach the screen.
      "views/clipboard.ts imports engine/process/spawn.ts",
      // `wait web port:80` of a session: whether anybody answers there.
      "src/repl/run/wait.ts imports engine/http/listening.ts",
      // `http GET URL` of a session tests what a script started.
      "src/repl/run/http.ts imports engine/http/request.ts",
      // The server that the connections of a client by ssh share outlives the first of them.
      "src/commands/system/dial-stdio.ts imports engine/process/spawn.ts",
      // `cp` packs and unpacks the user's side of the copy: tar is the language between the two sides.
      "src/commands/container/copy.ts imports engine/image/tar/index.ts",
      "src/commands/container/copy.ts imports engine/image/layer/index.ts",
      "src/commands/container/typed-words.ts imports engine/image/tar/index.ts",
      // Memory is given back while nobody uses the screen.
      "views/app.tsx imports engine/sys/rest.ts",
      // A log of this machine is looked at where it lies, in both directions: no other host could answer that.
      "views/logs/log-views.ts imports engine/container/logs/index.ts",
      "views/logs/log-source.ts imports engine/container/logs/index.ts",
      // So does `debug`: a link into its container, and a busybox that becomes an image.
      "src/commands/container/debug.ts imports engine/image/tar/index.ts",
      "src/commands/container/toolbox.ts imports engine/image/tar/index.ts",
    ];
    const found = violations(faces, (_, { target }) => below("engine")(target) && !doors.includes(target));
    expect(found.filter((each) => !exceptions.includes(each))).toEqual([]);
  });

  test("the engine's rooms depend downwards, in their types too", () => {
    const ranks: Record<string, number> = {
      errors: 0,
      "detach-keys": 1,
      docker: 0,
      aborted: 0,
      json: 0,
      duration: 0,
      instant: 1,
      suggest: 0,
      truth: 0,
      "linux-capabilities": 0,
      "generated-names": 0,
      "go-quote": 0,
      "replace-file": 0,
      platform: 1,
      "located-yaml": 1,
      events: 1,
      sys: 1,
      http: 1,
      process: 2,
      state: 3,
      dockerfile: 4,
      runtime: 4,
      network: 5,
      volume: 5,
      image: 5,
      registry: 6,
      trust: 6.5,
      attest: 7,
      container: 7,
      files: 8,
      build: 8,
      host: 9,
      reconcile: 10,
      engine: 10,
      compose: 11,
      serve: 11,
      remote: 12,
      house: 12,
      index: 13,
    };
    const rankOf = (path: string) => ranks[roomOf(path) ?? ""] ?? Number.NaN;
    const unknown = engine.filter(({ path }) => Number.isNaN(rankOf(path))).map(({ path }) => path);
    expect(unknown).toEqual([]);
    const upward = violations(
      engine,
      ({ path }, { target }) => below("engine")(target) && roomOf(target) !== roomOf(path) && rankOf(target) >= rankOf(path),
    );
    expect(upward).toEqual([]);
  });

  test("sub-rooms depend downwards, too", () => {
    expect(engine.filter(({ path }) => Number.isNaN(rankInRoom(path))).map(({ path }) => path)).toEqual([]);
    const upward = violations(
      engine,
      ({ path }, { target }) =>
        roomOf(target) === roomOf(path) && subRoomOf(target) !== subRoomOf(path) && rankInRoom(target) >= rankInRoom(path),
    );
    expect(upward).toEqual([]);
  });

  test("a sub-room is entered by its door, its index.ts", () => {
    // On demand a verb is loaded by the file that it is in: a door would load all of its sub-room.
    const beside = violations(
      engine,
      ({ path }, { target, isStatic }) =>
        isStatic && subRoomOf(target) !== undefined && placeOf(target) !== placeOf(path) && !target.endsWith("/index.ts"),
    );
    expect(beside).toEqual([]);
    const doors = engine.filter(({ path }) => subRoomOf(path) !== undefined && path.endsWith("/index.ts"));
    expect(
      doors.filter(({ code }) => /\S/.test(code.replace(/^export (type )?\{[^}]*\} from "[^"]+";$/gm, ""))).map(({ path }) => path),
    ).toEqual([]);
  });

  test("so do the rooms of the session, whose doors are entered by each other", () => {
    const inSession = faces.filter(({ path }) => path.startsWith("src/repl/"));
    const rooms = ["language", "frame", "check", "terminals", "run"];
    const above = ["session", "record", "picture", "report", "prompt", "index"];
    const roomIn = (path: string) => path.split("/")[2]?.replace(/\.ts$/, "") ?? "";
    const rankIn = (path: string) => [...rooms, ...above].indexOf(roomIn(path));
    expect(inSession.filter(({ path }) => rankIn(path) < 0).map(({ path }) => path)).toEqual([]);
    const leaves = ({ path }: SourceFile, { target }: Import) => target.startsWith("src/repl/") && roomIn(target) !== roomIn(path);
    // What a statement does, it does in its session: its type is known to all of them.
    const isSession = ({ target, typeOnly }: Import) => typeOnly && target === "src/repl/session.ts";
    const upward = violations(
      inSession,
      (file, each) => leaves(file, each) && each.isStatic && !isSession(each) && rankIn(each.target) >= rankIn(file.path),
    );
    expect(upward).toEqual([]);
    const beside = violations(
      inSession,
      (file, each) => leaves(file, each) && each.isStatic && rooms.includes(roomIn(each.target)) && !each.target.endsWith("/index.ts"),
    );
    expect(beside).toEqual([]);
  });

  test("no files import each other in a circle", () => {
    expect(circlesOf(engine, ({ typeOnly }) => !typeOnly)).toEqual([]);
  });

  test("nor do their types, but for pairs that are two halves of one thing", () => {
    const exceptions = [
      // A rule looks at the analysis; the analysis hands findings to rules.
      "engine/dockerfile/lint/analysis.ts engine/dockerfile/lint/rule.ts",
      // The two notations of one archive: a sparse map may stand in PAX records, and those may name it.
      "engine/image/tar/pax.ts engine/image/tar/sparse.ts",
      // What the mounts of a specification are made from is the specification's input.
      "engine/container/spec/spec-mounts.ts engine/container/spec/spec.ts",
      // A record holds its health; what a health is worth depends on the record.
      "engine/container/record/health.ts engine/container/record/record.ts",
    ];
    expect(circlesOf(engine, () => true).filter((each) => !exceptions.includes(each))).toEqual([]);
  });

  test("no room reaches into another's thread or worker", () => {
    expect(violations(program, (_, { target }) => /-worker\.ts$/.test(target))).toEqual([]);
  });
});

describe("effects live behind single doors", () => {
  interface Door {
    what: string;
    modules: RegExp;
    inside: (path: string) => boolean;
    /** Members without an effect, which anybody may import. */
    pure?: string[];
  }
  const doors: Door[] = [
    { what: "system calls", modules: /^(koffi|@koromix\/.*)$/, inside: below("engine/sys") },
    { what: "child processes", modules: /^(node:)?child_process$/, inside: below("engine/process") },
    { what: "HTTP", modules: /^(node:)?(https?|http2|tls)$/, inside: below("engine/http") },
    { what: "sockets", modules: /^(node:)?(net|dgram)$/, inside: below("engine/http", "engine/sys"), pure: ["isIP", "isIPv4", "isIPv6"] },
    { what: "the database", modules: /^(node:)?sqlite$/, inside: below("engine/state") },
    { what: "Ink and React", modules: /^(ink|react)(\/.*)?$/, inside: below("views") },
  ];
  test.each(doors)("$what", ({ modules, inside, pure = [] }) => {
    expect(
      violations(program, ({ path }, { target, typeOnly, names }) => {
        const isPure = names.length > 0 && names.every((name) => pure.includes(name));
        return !typeOnly && !isPure && modules.test(target) && !inside(path);
      }),
    ).toEqual([]);
  });

  test("the terminal is written by src/print.ts alone", () => {
    // src/tty.ts is the shell's Terminal: it asks the streams for their size. Views write through Ink. The first frame is on the screen
    // before any of these is loaded.
    const writers = ["src/print.ts", "src/main.ts", "src/tty.ts", "src/first-frame.ts"];
    const others = program.filter(({ path }) => !writers.includes(path) && !path.startsWith("views/"));
    expect(occurrences(others, /\bconsole\.\w+|\bprocess\.(stdout|stderr)\b/g)).toEqual([]);
    const views = program.filter(({ path }) => path.startsWith("views/"));
    expect(occurrences(views, /\bconsole\.\w+/g)).toEqual([]);
  });

  test("the engine knows neither arguments nor the end of its process", () => {
    expect(occurrences(engine, /\bprocess\.(argv|chdir|exit|exitCode|stdin)\b/g)).toEqual([]);
  });

  test("no tree is removed or copied by joined paths", () => {
    // Node's rm and cp of fs/promises look at a path and then use it: whoever owns the tree can put a link there in between.
    const pathBound = new Set(["rm", "cp", "cpSync"]);
    const found = violations(
      engine,
      (_, { target, names }) => /^node:fs(\/promises)?$/.test(target) && names.some((name) => pathBound.has(name)),
    );
    expect(found).toEqual([]);
  });

  test("Ink's useInput is called in one place at most", () => {
    expect(occurrences(program, /\buseInput\(/g).length).toBeLessThanOrEqual(1);
  });
});
