/** df, info, version and prune of the whole engine, against real objects. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRemoteEngine } from "../../../../engine/remote/index.ts";
import { hostOf } from "../../../../src/commands/system/host-of.ts";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  await scene.text("run", "--name", "over", "-v", "kept:/data", "busybox", "true");
  await scene.text("network", "create", "unused");
});
afterAll(() => scene[Symbol.asyncDispose]());

test("df counts what there is, and what could go", async () => {
  const rows = (await scene.text("system", "df", "--format", "{{.Type}}|{{.TotalCount}}|{{.Active}}")).split("\n");
  expect(rows).toEqual(["Images|1|1", "Containers|1|0", "Local Volumes|1|1", "Build Cache|0|0"]);
  expect(await scene.text("system", "df", "-v")).toMatch(/over\n[\s\S]*kept/);
});

test("info and version answer templates", async () => {
  expect(await scene.text("info", "-f", "{{.Containers}} {{.ContainersStopped}} {{.Images}}")).toBe("1 1 1");
  expect(await scene.text("info", "-f", "{{.LoggingDriver}} {{.Swarm.LocalNodeState}} {{.MemoryLimit}}")).toMatch(
    /^k8s-file inactive (true|false)$/,
  );
  expect(await scene.text("info", "-f", "{{range $name, $_ := .Runtimes}}{{$name}} {{end}}")).toMatch(/runc|crun/);
  expect(await scene.text("info")).toMatch(/^Client:\n Version: [\s\S]*\n\nServer:\n Containers: 1\n {2}Running: 0\n/);
  expect(await scene.text("version", "-f", "{{.Server.Os}} {{.Client.APIVersion}}")).toMatch(/^linux 1\.\d+$/);
  expect(await scene.text("version")).toMatch(/^Client:\n Version: [\s\S]*\nServer:\n Engine:\n {2}Version: /);
});

test("a template that cannot be read ends as docker's: 64 for values, 1 for lists", async () => {
  expect(await scene.error("info", "-f", "{{")).toMatchObject({ exit: 64 });
  expect(await scene.error("inspect", "-f", "{{", "over")).toMatchObject({ exit: 64 });
  expect(await scene.error("ps", "--format", "{{")).toMatchObject({ exit: 1 });
});

test("df -v as JSON and for templates: rows with the fields of the lists", async () => {
  const usage = JSON.parse(await scene.text("system", "df", "-v", "--format", "json"));
  expect(usage).toMatchObject({
    Images: [{ Repository: "busybox", Tag: "latest", Containers: "1", ID: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) }],
    Containers: [{ Names: "over", Command: '"true"', LocalVolumes: "1", State: "exited", ID: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    Volumes: [{ Name: "kept", Driver: "local", Links: "1" }],
    BuildCache: [],
  });
  expect(await scene.text("system", "df", "-v", "--format", "{{range .Volumes}}{{.Name}} {{.Size}}{{end}}")).toMatch(/^kept \d/);
});

test.each([
  ["ps"],
  ["images"],
  ["history", "busybox"],
  ["network", "ls"],
  ["volume", "ls"],
  ["builder", "du"],
  ["stats"],
  ["system", "df"],
])("%s %s: a field that its rows have not is refused before anything is looked up", async (...words) => {
  expect(await scene.error(...words.filter(Boolean), "--format", "{{.Nope}}")).toMatchObject({
    exit: 1,
    message: expect.stringContaining(':1:2: executing "" at <.Nope>: can\'t evaluate field Nope in type'),
  });
});

test("events: what cannot be answered is refused at once", async () => {
  const refused = (...words: string[]) => scene.error("events", ...words);
  expect(await refused("--format", "{{.badFieldString}}")).toMatchObject({
    exit: 64,
    message: `Error parsing format: template: :1:2: executing "" at <.badFieldString>: can't evaluate field badFieldString in type *events.Message`,
  });
  expect(await refused("--format", "{{badFuncString .}}")).toMatchObject({
    exit: 64,
    message: 'Error parsing format: template: :1: function "badFuncString" not defined',
  });
  expect((await refused("--since", "10", "--until", "5")).message).toContain("`since` time (10) cannot be after `until` time (5)");
  expect((await refused("--filter", "colour=red", "--since", "10")).message).toBe("invalid filter 'colour'");
});

test("events: an image is meant with and without its tag", async () => {
  await scene.text("create", "--name", "tagged", "busybox:latest", "true");
  await scene.text("create", "--name", "bare", "busybox", "true");
  const created = async (image: string) =>
    (
      await scene.text(
        "events",
        "--since",
        "0",
        "--until",
        "0s",
        "-f",
        `image=${image}`,
        "-f",
        "event=create",
        "--format",
        "{{.Actor.Attributes.name}}",
      )
    ).split("\n");
  expect(await created("busybox")).toEqual(["over", "tagged", "bare"]);
  expect(await created("busybox:latest")).toEqual(["tagged"]);
  await scene.text("rm", "tagged", "bare");
});

test("events of images carry their labels", async () => {
  await scene.feed("FROM busybox\nLABEL team=a", "build", "-q", "-t", "labelled", "-");
  await scene.text("tag", "labelled", "labelled:2");
  const told = await scene.text(
    "events",
    "--since",
    "0",
    "--until",
    "0s",
    "-f",
    "type=image",
    "-f",
    "label=team=a",
    "--format",
    "{{.Action}} {{.Actor.Attributes.name}}",
  );
  expect(told.split("\n")).toEqual(["tag labelled:latest", "tag labelled:2"]);
  await scene.text("rmi", "labelled", "labelled:2");
});

test("prune asks first, and takes nothing when the answer is no", async () => {
  for (const kind of ["system", "container", "image"]) expect(await scene.text(kind, "prune")).toBe("");
  expect(await scene.text("ps", "-a", "--format", "{{.Names}}")).toBe("over");
});

test("volumes have no age to prune by", async () => {
  expect((await scene.error("system", "prune", "-f", "--volumes", "--filter", "until=1h")).message).toContain(
    '"until" filter is not supported',
  );
});

test("prune -f removes stopped containers and unused networks, and leaves named volumes and tagged images", async () => {
  expect(await scene.text("system", "prune", "-f")).toMatch(
    /^Deleted Containers:\n[0-9a-f]{64}\n\nDeleted Networks:\nunused\n[\s\S]*Total reclaimed space: /,
  );
  expect(await scene.text("ps", "-aq")).toBe("");
  expect(await scene.text("volume", "ls", "-q")).toBe("kept");
  expect(await scene.text("images", "-q")).toMatch(/^[0-9a-f]{12}$/);
  const told = await scene.text("events", "--since", "1h", "--until", "0s", "--filter", "event=prune", "--format", "{{.Type}} {{.Actor}}");
  expect(told).toMatch(/^container \{ map\[reclaimed:\d+\]\}$/m);
  expect(told).toMatch(/^network \{ map\[reclaimed:0\]\}$/m);
});

test("whose version and facts they are: this machine's, a host's, a context's", async () => {
  const address = "unix:///run/elsewhere.sock";
  expect(hostOf({} as never)).toEqual({ Context: "default" });
  await using byAddress = openRemoteEngine(address);
  await using byContext = openRemoteEngine(address, { name: "build" });
  expect(hostOf(byAddress)).toEqual({ Context: "default", Host: address });
  expect(hostOf(byContext)).toEqual({ Context: "build", Host: address });
  expect(await scene.text("info", "-f", "{{.ClientInfo.Context}}")).toBe("default");
});
