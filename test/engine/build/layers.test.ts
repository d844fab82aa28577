/** What a build leaves in the layer store: what somebody refers to, nothing else. */

import { expect, test } from "vitest";
import { openHouse } from "../../../engine/house.ts";
import { resolveImage } from "../../../engine/image/store/resolve.ts";
import { finish, importBusybox, openTestEngine } from "../../support/engine.ts";
import { buildProject, createProject } from "./project.ts";

const countLayers = (engine: { db: { all: (sql: string) => unknown[] } }) => engine.db.all("SELECT 1 FROM layers").length;

test("a layer that a rebuild without the cache replaced is gone, unless an image has it", async () => {
  await using opened = openTestEngine();
  const { engine } = opened;
  await importBusybox(engine);
  using project = createProject({ Dockerfile: "FROM busybox\nRUN cat /proc/uptime > /made\n" });
  await buildProject(engine, project, { tags: ["kept"] });
  expect(countLayers(engine)).toBe(2);
  await buildProject(engine, project, { noCache: true, tags: ["again"] });
  expect(countLayers(engine)).toBe(3); // "kept" still has the first one
  await engine.images.remove("kept");
  expect(countLayers(engine)).toBe(2);
  await engine.images.remove("again");
  expect(countLayers(engine)).toBe(2); // the cache has it
  await buildProject(engine, project, { noCache: true, tags: ["last"] });
  expect(countLayers(engine)).toBe(2);
});

test("an image of 127 layers is built, and runs", async () => {
  await using opened = openTestEngine();
  const { engine } = opened;
  await importBusybox(engine);
  const copies = Array.from({ length: 125 }, (_, at) => `COPY file /d/${at}\n`);
  using project = createProject({ file: "x", Dockerfile: `FROM busybox\n${copies.join("")}RUN ls /d | wc -l\n` });
  const built = await buildProject(engine, project, { tags: ["many"] });
  expect([built.output.trim(), countLayers(engine)]).toEqual(["125", 127]);
  const { Id } = await finish(engine.containers.create({ Image: "many", Cmd: ["sh", "-c", "exit $(ls /d | wc -l)"] }));
  await engine.containers.start(Id);
  expect(await engine.containers.wait(Id)).toBe(125);
});

test("an image of metadata only is the same image each time, and has no time of its own", async () => {
  await using opened = openTestEngine();
  using project = createProject({ Dockerfile: 'FROM scratch\nLABEL a=b\nCMD ["x"]\n' });
  const first = await buildProject(opened.engine, project);
  const second = await buildProject(opened.engine, project, { noCache: true });
  expect(second.result.ImageID).toBe(first.result.ImageID);
  expect(first.config.created).toBeUndefined();
  const dated = await buildProject(opened.engine, project, { buildArgs: { SOURCE_DATE_EPOCH: "1700000000" } });
  expect(dated.config.created).toBe("2023-11-14T22:13:20.000Z");
});

test("of two processes that ran the same step, the slower one's layer is gone", async () => {
  await using opened = openTestEngine();
  const { engine, root } = opened;
  await importBusybox(engine);
  const other = openHouse({ root });
  try {
    using project = createProject({ Dockerfile: "FROM busybox\nRUN cat /proc/uptime > /made; sleep 0.5\n" });
    const [one, two] = await Promise.all([
      buildProject(engine, project, { tags: ["one"] }),
      buildProject(other, project, { tags: ["two"] }),
    ]);
    for (const { result } of [one, two]) expect(resolveImage(engine, result.ImageID ?? "")).toBeDefined();
    for (const name of ["one", "two"]) await engine.images.remove(name);
    await engine.builder.prune({ all: true });
    expect(countLayers(engine)).toBe(1);
  } finally {
    await other.close();
  }
});
