/** What users look for in an object: its details on any screen, its address, its graphs; and lines kept in a file. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sparkline } from "../../views/usage.ts";
import { eventually } from "../support/eventually.ts";
import { container, image } from "../support/fake-engine.ts";
import { absent, cursorOn, fake, open, over, press, terminal } from "./tui-scene.ts";

test("Enter shows the details where no pane has room, i the JSON", async () => {
  await open(80, 24);
  const text = await press("\r", "COLOUR");
  expect(text).toMatch(/container web {2}1\/\d+/);
  expect(text).toMatch(/^ +State +running, pid 4242$/m);
  await press("q", / Bui/);
  await press("i", '"Path"');
});

test("the filter looks in one field", async () => {
  fake.containers.push(
    container("sick", { Status: "Up 2 hours (unhealthy)", Labels: { tier: "front" } }),
    container("well", { Status: "Up 2 hours (healthy)" }),
  );
  await open();
  await press("/health:healthy", (text) => /● {2}well/.test(text) && !/sick/.test(text));
  await press("\x15!health:none !health:healthy", (text) => /● {2}sick/.test(text) && !/well/.test(text));
  await press("\x15state:exited", (text) => /■ {2}old/.test(text) && !/● {2}web/.test(text));
  await press("\x15label:tier=front", (text) => /● {2}sick/.test(text) && !/● {2}web/.test(text));
  await press("\x15port:8080", (text) => /● {2}web/.test(text) && !/● {2}db/.test(text));
});

test("the address of a published port and names go to the clipboard", async () => {
  await open();
  await press("u", "copied http://localhost:8080");
  expect(terminal.screen.raw).toContain(`\x1b]52;c;${Buffer.from("http://localhost:8080").toString("base64")}\x07`);
  await press("j", cursorOn("db"));
  await press("u", '"db" publishes no TCP port');
  await press("Y", "copied db");
});

test("what a pager shows is saved as text; a file that is there stays", async () => {
  const here = mkdtempSync(join(tmpdir(), "berth-save-"));
  onTestFinished(() => rmSync(here, { recursive: true }));
  fake.log.push("\x1b[31mred\x1b[0m", "plain");
  await open();
  await press("l", "plain");
  await press("s", /^save to file: web\.log$/m);
  await press(`\x15${here}/out.log\r`, `2 lines saved to ${here}/out.log`);
  expect(readFileSync(join(here, "out.log"), "utf8")).toBe("red\nplain\n");
  await press("ts", /^save to file: web\.log$/m);
  await press(`\x15${here}/out.log\r`, "the file exists");
});

test("a wide screen draws what a container uses", async () => {
  await open(140, 40);
  await terminal.screen.waitFor(/CPU +[▁▂▃▄▅▆▇█]+ 12% +most 12%/);
  expect(terminal.screen.text()).toMatch(/MEM +[▁▂▃▄▅▆▇█]+ 4\.3M +of 1\.0G/);
});

test.each([
  [[0, 50, 100], 5, 100, "  ▁▄█"],
  [[1, 2, 3, 4], 2, 4, "▆█"],
  [[200], 1, 100, "█"],
])("%j in %d cells up to %d is %j", (values, width, top, text) => {
  expect(sparkline(values, width, top)).toBe(text);
});

test("pruning names what goes, and says when there is nothing to prune", async () => {
  await open();
  const question = await press("P", "Remove one stopped container, which frees 0B?");
  expect(question).toMatch(/0B {2}old .*\n.*outside of volumes is lost/);
  await press("n", absent("Remove one"));
  fake.images.push({ ...image("lonely:1", 3_000_000), Containers: 0 });
  fake.emit("image", "tag");
  await press("2", "lonely:1");
  await press("P", "no image is dangling");
  const images = await press("A", /Remove .* unused images?, which frees up to /);
  expect(images).toContain("lonely:1");
  await press("n", absent("which frees"));
});

test("leaving what never ends by itself cancels it; a live table replaces itself", async () => {
  await open();
  await press(":stats\r", "MEM USAGE");
  fake.emit("container", "top");
  await press("q", "Images 2");
  await eventually(() => expect(fake.measuring).toBe(1)); // the list's own columns
  await press("E", /berth events --since 1h .*following/);
  await press("q", "Images 2");
  terminal.type("q");
  expect(await over).toBe(0);
});

test("the way to the help stays in sight on a narrow screen", async () => {
  await open(80, 24);
  terminal.resize(40, 12);
  await terminal.screen.waitFor(/ s stop .*\? help$/m);
});

test("open details follow what others do: renamed, stopped, removed", async () => {
  await open();
  await press("\r", /container web .*\n.*Overview Logs.*\n.*Image/);
  const web = fake.containers.find(({ Names }) => Names[0] === "/web" || Names[0] === "web")!;
  web.Names[0] = web.Names[0]!.replace("web", "shop");
  fake.emit("container", "rename");
  await terminal.screen.waitFor(/^ container shop /m);
  web.State = "exited";
  fake.emit("container", "die");
  await terminal.screen.waitFor(/State +exited/);
  fake.containers.splice(fake.containers.indexOf(web), 1);
  fake.emit("container", "destroy");
  await terminal.screen.waitFor(/^ container shop .* removed/m);
  expect(terminal.screen.text()).toMatch(/State +exited/);
  await press("q", absent("shop"));
});
