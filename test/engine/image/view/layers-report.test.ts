/** The report on an image's layers: what is there for nothing, and who hides it. */
import { expect, test } from "vitest";
import { openScene } from "../../../src/commands/scene.ts";

test("sizes by layer and file; what a later layer replaces is wasted", async () => {
  await using scene = await openScene();
  const dockerfile = [
    "FROM busybox",
    "RUN dd if=/dev/zero of=/big bs=1024 count=300 && echo a > /small",
    "RUN rm /big && echo b > /other",
  ].join("\n");
  await scene.feed(dockerfile, "build", "-q", "-t", "fat", "-");
  const report = (await scene.berth("image", "layers", "fat")).result as Awaited<ReturnType<typeof scene.engine.images.layers>>;
  expect(report.Wasted).toBe(300 * 1024);
  expect(report.Layers).toMatchObject([
    { Layer: 1, Wasted: 0 },
    { Layer: 2, Wasted: 300 * 1024, CreatedBy: expect.stringContaining("of=/big") },
    { Layer: 3, Wasted: 0 },
  ]);
  expect(report.Files.find(({ Path }) => Path === "/big")).toEqual({ Path: "/big", Size: 300 * 1024, Layer: 2, HiddenBy: 3 });
  expect(report.Efficiency).toBeLessThan(1);
  const text = await scene.text("image", "layers", "fat");
  expect(text).toMatch(/^ +LAYER +SIZE +WASTED +CREATED BY/);
  expect(text).toMatch(/3 layers, .*, 307kB of it wasted \(efficiency \d+\.\d%\)/);
  expect(text).toMatch(/307kB +2 +3 +\/big/);
  expect(await scene.text("image", "layers", "--layer", "3", "fat")).toMatch(/Largest files of layer 3\n.*\n +2B +3 +\/other/);
});

test("bytes that another hard link still shows are not wasted, and any name is told", async () => {
  await using scene = await openScene();
  const dockerfile = [
    "FROM busybox",
    "RUN mkdir /d && dd if=/dev/zero of=/d/a bs=1024 count=300 && ln /d/a /d/b && ln /d/a /d/c && touch /d/$(printf 'x\\344')",
    "RUN rm /d/a",
    "RUN rm /d/b /d/c",
  ];
  const report = async (lines: number) => {
    await scene.feed(dockerfile.slice(0, lines).join("\n"), "build", "-q", "-t", `links${lines}`, "-");
    return (await scene.berth("image", "layers", `links${lines}`)).result as Awaited<ReturnType<typeof scene.engine.images.layers>>;
  };
  const two = await report(3);
  expect(two).toMatchObject({ Wasted: 0, Efficiency: 1 });
  expect(two.Files.filter(({ Path }) => /^\/d\/[abc]$/.test(Path))).toEqual([
    { Path: "/d/b", Size: 300 * 1024, Layer: 2 },
    { Path: "/d/c", Size: 0, Layer: 2 },
  ]);
  expect(two.Files.map(({ Path }) => Path)).toContain("/d/x\udce4");
  expect(await scene.text("image", "layers", "links3")).not.toContain("\ufffd");
  const all = await report(4);
  expect(all.Wasted).toBe(300 * 1024);
  expect(all.Layers.map(({ Wasted }) => Wasted)).toEqual([0, 300 * 1024, 0, 0]);
});

test("as dive counts: a path that several layers have costs all its copies, one that goes what it was", async () => {
  await using scene = await openScene();
  const dockerfile = [
    "FROM scratch",
    "COPY --from=busybox /bin /bin",
    "COPY --from=busybox /etc/passwd /twice",
    "COPY --from=busybox /etc/passwd /twice",
    'RUN ["/bin/sh", "-c", "mkdir /d; dd if=/dev/zero of=/d/a bs=1024 count=100; dd if=/dev/zero of=/d/b bs=1024 count=50"]',
    'RUN ["/bin/rm", "-r", "/d"]',
  ].join("\n");
  await scene.feed(dockerfile, "build", "-q", "-t", "repeated", "-");
  const { Repeated, Layers } = (await scene.berth("image", "layers", "repeated")).result as Awaited<
    ReturnType<typeof scene.engine.images.layers>
  >;
  const twice = Repeated.Files.find(({ Path }) => Path === "/twice")!;
  expect(twice).toEqual({ Path: "/twice", Layers: 2, Size: expect.any(Number) });
  // Files of a directory that goes are counted as they came; the directory itself is a path that one layer has.
  expect(Repeated.Files.map(({ Path }) => Path)).toEqual(["/twice"]);
  expect(Repeated.Wasted).toBe(twice.Size);
  const all = Layers.reduce((sum, { Size }) => sum + Size, 0) + 150 * 1024;
  expect(Repeated.Score).toBeCloseTo((all - twice.Size / 2) / all, 6);
  const text = await scene.text("image", "layers", "repeated");
  expect(text).toMatch(/as dive counts: efficiency \d+\.\d%, \S+B potentially wasted/);
  expect(text).toMatch(/In several layers.*\nTOTAL SIZE +LAYERS +PATH\n.* 2 +\/twice/);
});
