/** Trees with the screen for themselves: files of containers, volumes and images, and JSON that unfolds. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { FakeTree } from "../support/fake/world.ts";
import { absent, fake, open, press, terminal } from "./tui-scene.ts";

const file = (text: string, more: Partial<FakeTree[string]> = {}): FakeTree[string] => {
  const content = Buffer.from(text);
  return { Type: "file", Size: content.length, Mode: 0o644, content, ...more };
};
const directory = (more: Partial<FakeTree[string]> = {}): FakeTree[string] => ({ Type: "directory", Size: 4096, Mode: 0o755, ...more });

let tree: FakeTree;

beforeEach(() => {
  tree = {
    "/": directory(),
    "/etc": directory({ Change: "changed" }),
    "/etc/hosts": file("127.0.0.1 localhost\n"),
    "/etc/passwd": file("root:x:0:0\nnobody:x:99:99\n", { Change: "changed", Uid: 1000, Gid: 1000 }),
    "/etc/group": file("root:x:0", { Change: "removed" }),
    "/etc/new": file("\x7fELF\0\x01", { Change: "added", Mode: 0o4755 }),
    "/srv": directory(),
    "/srv/deep": directory(),
    "/srv/deep/passwd-": file("old"),
    "/fifo": { Type: "fifo", Size: 0, Mode: 0o600 },
    "/link": { Type: "link", Size: 3, Mode: 0o777, Target: "../../etc" },
    "/a\x1b[31m\nb": file("odd"),
  };
  fake.trees.set(`container ${fake.containers[0]!.Id}`, tree);
});

/** The screen but its first line, which has the time. */
const shown = () => {
  const [, ...lines] = terminal.screen.text().split("\n");
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
};
/** The line that the cursor is on. */
const cursor = () => terminal.screen.lines().find((_, row) => row > 2 && terminal.screen.styled(row).includes("⟦i⟧")) ?? "";
const on = (name: string) => () => cursor().includes(name);

const sizes: [number, number][] = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 60],
];

test.each(sizes)("files of a container at %d columns and %d rows", async (columns, rows) => {
  await open(columns, rows);
  await press("F", /▸ srv\//);
  await press("\r", /▾ etc\/.*hosts.*passwd/s);
  for (const name of ["group", "hosts", "new", "passwd"]) await press("j", on(name));
  if (columns >= 100) await terminal.screen.waitFor("nobody:x:99:99");
  await expect(shown()).toMatchFileSnapshot(`screens/files-${columns}x${rows}.txt`);
});

test("without colours, nothing is told by colour alone", async () => {
  await open(80, 24, { NO_COLOR: "1" });
  await press("F", /▸ srv\//);
  await press("\r", /D .*group.*A .*new.*C .*passwd/s);
});

test("names do nothing to the screen; what is no file is not opened", async () => {
  await open(120, 30);
  await press("F", /a␛\[31m␊b|a\\x1b|a.\[31m/);
  expect(terminal.screen.raw).not.toContain("\x1b[31m\nb");
  await press("G", on("link"));
  await press("k", on("fifo"));
  await press("\r", "it is no regular file");
  await press("kk", () => true);
});

test("text and bytes, beside the tree and with the screen for themselves", async () => {
  await open(120, 30);
  await press("F", /▸ srv\//);
  await press("\r", /hosts/);
  await press("jj", "127.0.0.1 localhost");
  await press("b", /00000000 {2}31 32 37 2e 30 2e 30 2e {2}127\.0\.0\./);
  terminal.resize(200, 30);
  await terminal.screen.waitFor(/00000000 {2}31 32 37 2e 30 2e 30 2e {2}31 .* {2}127\.0\.0\.1 local/);
  terminal.resize(120, 30);
  await press("b", /127\.0\.0\.1 localhost/);
  await press("j", /7f 45 4c 46 00 01/);
  await press("\r", /\/etc\/new: 6B/);
  await press("b", /\\x7fELF/);
  await press("q", /container web: Files/);
  expect(cursor()).toContain("new");
});

test("a large file comes in pieces", async () => {
  tree["/etc/hosts"] = file(`${"a".repeat(256 << 10)}the next piece`);
  await open(80, 24);
  await press("F", /▸ srv\//);
  await press("\r", /hosts/);
  await press("jj", on("hosts"));
  await press("\r", /bytes 0 to 262144/);
  await press("]", /bytes 262144 to 262158.*the next piece/s);
  await press("]", () => true);
  await press("[", /bytes 0 to 262144/);
  await press("q", /container web: Files/);
});

test("search unfolds what it finds, round and back", async () => {
  await open(100, 24);
  await press("F", /▸ srv\//);
  terminal.type("/");
  await terminal.screen.waitFor("search:");
  await press("passwd\r", on("passwd"));
  await terminal.screen.waitFor("1 of 2");
  await press("n", on("passwd-"));
  await terminal.screen.waitFor("2 of 2");
  await press("n", /1 of 2/);
  await press("N", /2 of 2/);
  terminal.type("/");
  await press("nowhere\r", 'nothing here is called "nowhere"');
});

test("a directory of 100,000 entries is read as far as it is looked at", async () => {
  for (let at = 0; at < 100_000; at++) tree[`/srv/deep/f${String(at).padStart(6, "0")}`] = file("");
  await open(80, 24);
  await press("F", /▸ srv\//);
  await press("j", on("srv"));
  await press("\r", /deep\//);
  await press("j", on("deep"));
  fake.calls.length = 0;
  await press("\r", /f000001/);
  expect(new Set(fake.calls.filter((call) => call.startsWith("list /srv/deep ")))).toEqual(new Set(["list /srv/deep 0"]));
  await press("G", on("link"));
  await press("k".repeat(4), /f099998/);
  // What is in sight is read again now and then.
  expect(new Set(fake.calls.filter((call) => call.startsWith("list /srv/deep "))).size).toBeLessThanOrEqual(3);
});

test("what is removed under the view, and its container too, is said in its place", async () => {
  await open(100, 24);
  await press("F", /▸ srv\//);
  await press("j", on("srv"));
  for (const path of Object.keys(tree)) if (path.startsWith("/srv")) delete tree[path];
  await press("\r", /no such directory/);
  await press("r", absent("srv/"));
  fake.containers.splice(0, 1);
  fake.emit("container", "destroy");
  await terminal.screen.waitFor(/container web: Files.*removed/);
  expect(terminal.screen.text()).toContain("etc/");
  await press("q", "1 Con");
});

test("directories are weighed on demand", async () => {
  await open(100, 24);
  await press("F", /▸ srv\//);
  await press("z", /3B {2}.*srv\//);
});

test("copying out and in prefill the line; images take nothing", async () => {
  await open(100, 24);
  await press("F", /▸ srv\//);
  await press("s", /:cp web:\/etc \./);
  await press("\x1b", absent(":cp"));
  await press("u", /:cp {2}web:\/etc/);
  await press("x", /:cp x web:\/etc/);
});

test("a name that no line can hold is not copied alone", async () => {
  await open(100, 24);
  await press("F", /▸ srv\//);
  await press("jj", on("a\\x1b"));
  await press("s", /bytes that no line can hold/);
});

/** An editor that puts a text into its file. */
function editor(script: string): string {
  const home = mkdtempSync(join(tmpdir(), "berth-editor-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const path = join(home, "ed.sh");
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

test("an editor's text is written back; what is unchanged is not", async () => {
  await open(100, 24, { EDITOR: editor('echo edited > "$1"') });
  await press("F", /▸ srv\//);
  await press("\r", /hosts/);
  await press("jj", on("hosts"));
  await press("e", /\/etc\/hosts written, 7B/);
  expect(tree["/etc/hosts"]!.content!.toString()).toBe("edited\n");
  await press("e", /\/etc\/hosts stays as it was/);
});

test("a file that changes while it is edited is not overwritten unasked", async () => {
  const path = editor('echo mine > "$1"');
  await open(100, 24, { EDITOR: path });
  await press("F", /▸ srv\//);
  await press("\r", /hosts/);
  await press("jj", on("hosts"));
  const { read } = fake.engine.files;
  fake.engine.files.read = async (...of) => ({ ...(await read(...of)), Version: "older" });
  await press("e", /Write \/etc\/hosts all the same\?/);
  await press("n", /your text is kept in/);
  expect(tree["/etc/hosts"]!.content!.toString()).toContain("localhost");
  const [, kept = ""] = /kept in (\S+)/.exec(terminal.screen.text().replaceAll("\n", "")) ?? [];
  rmSync(join(kept, ".."), { recursive: true, force: true });
  await press("e", /Write \/etc\/hosts all the same\?/);
  await press("y", /written, 5B/);
  expect(tree["/etc/hosts"]!.content!.toString()).toBe("mine\n");
});

test("the pages of details turn to the files and away from them", async () => {
  await open(140, 30);
  await press("<", /"Id"/);
  await press("<", /size +name.*etc\//s);
  await press("F", /container web: Files/);
  await press(">", /container web: Inspect.*"Id"/s);
  await press("<", /container web: Files/);
  await press("<", /container web: Mounts/);
  await press(">", /container web: Files/);
  await press("q", "4 Net");
});

test("a tree unfolds in the place of the details, the list in sight; f gives it the screen", async () => {
  await open(140, 30);
  await press("<", /"Id"/);
  await press("<", /size +name.*etc\//s);
  await press("\r", /│.*SIZE +NAME +1\/\d+[\s\S]*▸ srv\//);
  expect(terminal.screen.text()).toMatch(/● +db .*│/);
  await press("\r", /● +web .*│.*\n.*▾ etc\/|▾ etc\/[\s\S]*passwd/);
  await press("/pass\r", /\/pass +1 of 2/);
  await press("f", /container web: Files [\s\S]*Overview Logs Stats Top Env Mounts Files Inspect/);
  expect(terminal.screen.text()).not.toMatch(/● +db /);
  await press("f", /● +db .*│/);
  await press(">", /│ *1\/\d+\n[\s\S]*│ +"Id"[\s\S]*▸ "State": \{/); // the next page is a tree, too, and has the keys
  await press(">", /│ State +running/);
  await press("j", () => terminal.screen.styled(4).startsWith("⟦i⟧")); // back in the list
  terminal.resize(100, 30);
  await press("<", absent("│"));
});

test("a tree beside the list has the screen where that is narrow, and says when its object is gone", async () => {
  await open(140, 30);
  await press("<", /"Id"/);
  await press("\r", /▸ "State": \{/);
  terminal.resize(90, 24);
  await terminal.screen.waitFor(/container web: Inspect/);
  terminal.resize(140, 30);
  await terminal.screen.waitFor(/● +db .*│/);
  fake.containers.shift();
  fake.emit("container", "destroy");
  await terminal.screen.waitFor(/│ +\d+\/\d+ +removed/);
  await press("q", /│ State|│ \{/);
});

test("JSON folds, unfolds and is searched", async () => {
  await open(100, 24);
  await press("<", () => true);
  await press("\r", /container web: Inspect.*▸ "State": \{ \d+ \}/s);
  terminal.type("/");
  await press("pid\r", on('"Pid"'));
  expect(terminal.screen.text()).toMatch(/▾ "State"/);
  await press("h", on('"State"'));
  await press("h", /▸ "State"/);
  await press("l", /▾ "State"/);
  await press("s", "only files have that");
});

test.each(sizes)("layers of an image at %d columns and %d rows", async (columns, rows) => {
  const id = fake.images[0]!.Id;
  fake.trees.set(`image ${id}`, tree);
  fake.trees.set(`image ${id} layer 1`, { "/": directory(), "/one": file("1") });
  fake.engine.images.history = async () => [
    { Id: id, Created: 0, CreatedBy: "RUN make", Tags: null, Size: 2_000_000, Comment: "" },
    { Id: "<missing>", Created: 0, CreatedBy: "ADD rootfs.tar", Tags: null, Size: 78_000_000, Comment: "" },
  ];
  const inspect = fake.engine.images.inspect;
  fake.engine.images.inspect = async (ref) => ({ ...(await inspect(ref)), RootFS: { Type: "layers", Layers: ["sha256:a", "sha256:b"] } });
  await open(columns, rows);
  await press("2", "busybox");
  await press("F", /all layers.*etc\//s);
  await expect(shown()).toMatchFileSnapshot(`screens/layers-${columns}x${rows}.txt`);
  await press("\r", /▾ etc\/.*hosts/s);
  await press("]", /layer 1\/2.* one/s);
  await press("[", /▾ etc\/.*hosts/s);
  await press("]", /layer 1\/2.* one/s);
  await press("e", "images do not change");
  await press("s", /:image cp --layer 1 busybox:latest:\/one \./);
});

test("two images are compared when two are marked", async () => {
  delete fake.cannot["files.compare"];
  const asked: string[] = [];
  fake.engine.files.compare = async (before, after) => {
    asked.push(before.ref, after.ref);
    return { Differences: [{ Path: "/x", Change: "added", Type: "file", Before: 0, After: 5 }], Added: 5, Removed: 0 };
  };
  fake.images[0]!.Created = 2;
  fake.images[1]!.Created = 1;
  await open(100, 24);
  await press("2", "python:3.9");
  await press("=", "mark two images");
  await press(" ", /◆ busybox/);
  await press(" ", /◆ python/);
  await press("=", /A +5B +\/x.*1 difference/s);
  expect(asked).toEqual(["python:3.9", "busybox:latest"]);
});

test("another host says why it has no files to show", async () => {
  fake.cannot["files.list"] = "Docker's API lists no directories";
  await open(100, 24);
  await eventually(() => terminal.screen.text().includes("web"));
  await press("F", /Docker's API lists no directories/);
});
