/** The contract of images, builds, networks, volumes and events. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { SystemEvent } from "../../../engine/index.ts";
import { tarOf } from "../../engine/image/scene.ts";
import { finish } from "../../support/engine.ts";
import { create, endless, fails, fresh, type Host, start } from "./host.ts";

export function images(host: () => Host): void {
  const engine = () => host().engine;

  test("an image is listed, told about, tagged and untagged; unknown ones are missing", async () => {
    const { images } = engine();
    const { Id } = await images.inspect("busybox");
    const [one, two] = [`${fresh("tagged")}:1`, `${fresh("tagged")}:2`];
    await images.tag("busybox", one);
    await images.tag(one, two);
    expect((await images.inspect(two)).Id).toBe(Id);
    expect((await images.list()).find((each) => each.Id === Id)?.RepoTags).toEqual(expect.arrayContaining([one, two]));
    expect((await images.list({ reference: one })).map((each) => each.Id)).toEqual([Id]);
    expect(await images.remove(one)).toEqual([{ Untagged: one }]);
    await fails(images.inspect(one), "not-found");
    await fails(images.tag("no-such-image", "x"), "not-found");
    await fails(images.remove("no-such-image"), "not-found");
    await fails(images.tag("busybox", "Not A Name"), "invalid");
    expect((await images.history("busybox")).length).toBeGreaterThan(0);
    await images.remove(two);
  });

  test("an image that a container uses stays, unless it is only one of its names", async () => {
    const name = `${fresh("used")}:1`;
    await imported(name);
    await create(engine(), "exit 0", { Image: name });
    await fails(engine().images.remove(name), "in-use");
    await engine().images.tag(name, `${name}.too`);
    expect(await engine().images.remove(`${name}.too`)).toEqual([{ Untagged: `${name}.too` }]);
  });

  const imported = async (reference: string) => {
    const archive = Readable.from([tarOf({ name: "word", content: reference })], { objectMode: false });
    return (await finish(engine().images.import(archive, { reference, changes: ["LABEL a=b", 'CMD ["x"]'] }))).Id;
  };

  test("import, save and load: the same image under the same name", async () => {
    const reference = `${fresh("imported")}:1`;
    const Id = await imported(reference);
    expect(await engine().images.inspect(reference)).toMatchObject({ Id, Config: { Labels: { a: "b" }, Cmd: ["x"] } });
    const archive = await buffer(await engine().images.save([reference]));
    expect((await engine().images.remove(reference)).map(({ Deleted }) => Deleted)).toContain(Id);
    await fails(engine().images.inspect(reference), "not-found");
    const loaded = await finish(engine().images.load(Readable.from([archive], { objectMode: false })));
    expect(loaded).toMatchObject({ References: [expect.stringContaining(reference)] });
    expect((await engine().images.inspect(reference)).Id).toBe(Id);
    await fails(engine().images.save(["no-such-image"]), "not-found");
    await fails(finish(engine().images.load(Readable.from([Buffer.from("no archive")], { objectMode: false }))), "archive");
  });

  test("prune removes what has no name, and no container", async () => {
    const reference = `${fresh("pruned")}:1`;
    const Id = await imported(reference);
    await imported(`${fresh("kept")}:1`);
    await engine().images.tag("busybox", reference); // takes the name
    const { ImagesDeleted } = await engine().images.prune();
    expect(ImagesDeleted.map(({ Deleted }) => Deleted)).toContain(Id);
    await fails(engine().images.inspect(Id), "not-found");
    await engine().images.remove(reference);
  });
}

export function builds(host: () => Host): void {
  test("a Dockerfile becomes an image that runs; one that is wrong is refused with its place", async () => {
    const { engine } = host();
    const context = mkdtempSync(join(tmpdir(), "berth-contract-"));
    try {
      writeFileSync(join(context, "word"), "hello\n");
      const dockerfile = 'FROM busybox\nCOPY word /word\nRUN test "$(cat /word)" = hello\nLABEL a=b\n';
      const tag = `${fresh("built")}:1`;
      const { ImageID } = await finish(engine.builder.build({ context, dockerfile, tags: [tag], network: "none" }));
      expect(await engine.images.inspect(tag)).toMatchObject({ Id: ImageID, Config: { Labels: { a: "b" } } });
      expect((await engine.builder.list())[0]).toMatchObject({ Status: "completed", ImageID });
      const wrong = finish(engine.builder.build({ context, dockerfile: "FROM busybox\nCOPPY a b\n" }));
      await expect(wrong).rejects.toMatchObject({ code: "dockerfile", location: { line: 2 } });
      await fails(finish(engine.builder.build({ context, dockerfile: "FROM busybox\nRUN exit 3\n", network: "none" })), "build-step");
    } finally {
      rmSync(context, { recursive: true });
    }
  });
}

export function networks(host: () => Host): void {
  test("made, listed, joined, left and removed", async () => {
    const { networks, containers } = host().engine;
    const Name = fresh("net");
    const { Id } = await networks.create({ Name, Labels: { a: "b" }, IPAM: { Config: [{ Subnet: "10.96.7.0/24" }] } });
    expect(await networks.inspect(Name)).toMatchObject({ Id, Name, Driver: "bridge", Labels: { a: "b" }, Containers: {} });
    expect((await networks.list({ filters: { name: [Name] } })).map((each) => each.Id)).toEqual([Id]);
    const id = await create(host().engine, "exit 0", { HostConfig: {} });
    await containers.connect(id, Name);
    expect(Object.keys((await containers.inspect(id)).NetworkSettings.Networks)).toContain(Name);
    await containers.disconnect(id, Name);
    expect(Object.keys((await containers.inspect(id)).NetworkSettings.Networks)).not.toContain(Name);
    await networks.remove(Name);
    await fails(networks.inspect(Id), "not-found");
  });

  test("those that are always there stay, names are given once, unknown ones are missing", async () => {
    const { networks, containers } = host().engine;
    expect((await networks.list()).map((each) => each.Name)).toEqual(expect.arrayContaining(["bridge", "host", "none"]));
    await fails(networks.remove("bridge"), "conflict");
    const Name = fresh("net");
    await networks.create({ Name });
    await fails(networks.create({ Name }), "conflict");
    await fails(networks.remove("no-such-network"), "not-found");
    await fails(containers.connect(await create(host().engine, "exit 0", { HostConfig: {} }), "no-such-network"), "not-found");
    expect(await networks.prune()).toEqual({ NetworksDeleted: expect.arrayContaining([Name]) });
  });
}

export function volumes(host: () => Host): void {
  test("made, listed, used and removed", async () => {
    const { volumes, containers } = host().engine;
    const Name = fresh("vol");
    expect(await volumes.create({ Name, Labels: { a: "b" } })).toMatchObject({ Name, Driver: "local", Labels: { a: "b" } });
    expect((await volumes.create({ Name })).Name).toBe(Name);
    expect((await volumes.list({ filters: { name: [Name] } })).map((each) => each.Name)).toEqual([Name]);
    const id = await create(host().engine, "exit 0", { HostConfig: { NetworkMode: "none", Binds: [`${Name}:/data`] } });
    expect((await containers.inspect(id)).Mounts).toMatchObject([{ Type: "volume", Name, Destination: "/data" }]);
    await fails(volumes.remove(Name), "in-use");
    await containers.remove(id);
    expect((await volumes.inspect(Name)).Name).toBe(Name);
    await volumes.remove(Name);
    await fails(volumes.inspect(Name), "not-found");
    await fails(volumes.remove(Name), "not-found");
    await volumes.remove(Name, { force: true });
  });

  test("one without a name gets one, and goes with what nobody uses", async () => {
    const { volumes } = host().engine;
    const { Name } = await volumes.create({});
    const kept = await volumes.create({ Name: fresh("kept") });
    expect(Name).toMatch(/^[0-9a-f]{64}$/);
    const { VolumesDeleted } = await volumes.prune();
    expect(VolumesDeleted).toContain(Name);
    expect((await volumes.list()).map((each) => each.Name)).toContain(kept.Name);
  });
}

export function events(host: () => Host): void {
  test("who follows hears of everything, in order, until aborted", async () => {
    const { engine } = host();
    const abort = new AbortController();
    const heard: SystemEvent[] = [];
    const mark = fresh("mark");
    const ready = Promise.withResolvers<void>();
    const listening = (async () => {
      const filters = { type: ["container"], label: [`mark=${mark}`] };
      const options = { follow: true, signal: abort.signal, filters, onListening: ready.resolve };
      for await (const event of engine.events(options)) {
        heard.push(event);
        if (event.Action === "destroy") abort.abort();
      }
    })().catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    });
    await ready.promise;
    const id = await start(engine, endless, { Labels: { mark } });
    await engine.containers.kill(id);
    await engine.containers.wait(id);
    await engine.containers.remove(id);
    await listening;
    const actions = heard.map(({ Action }) => Action);
    const expected = ["create", "start", "kill", "die", "destroy"];
    expect(actions.filter((action) => expected.includes(action))).toEqual(expected);
    for (const { Type, Actor, scope } of heard) expect([Type, Actor.ID, scope]).toEqual(["container", id, "local"]);
    expect(heard.map(({ seq }) => seq)).toEqual(heard.map(({ seq }) => seq).sort((a, b) => a - b));
  });

  test("what has been is told again", async () => {
    const { engine } = host();
    const Name = fresh("vol");
    await engine.volumes.create({ Name });
    await engine.volumes.remove(Name);
    const until = Date.now() / 1000 + 1;
    for (const follow of [false, true]) {
      const told = await Array.fromAsync(engine.events({ until, follow, filters: { type: ["volume"], volume: [Name] } }));
      expect(told.map(({ Action }) => Action)).toEqual(["create", "destroy"]);
    }
  });
}
