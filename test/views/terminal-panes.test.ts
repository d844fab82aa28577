/** Terminal panes of the TUI: attaching, several at once, keys, leaving. */
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { absent, cursorOn, fake, open, over, press, terminal, typeAhead } from "./tui-scene.ts";

describe("terminal panes", () => {
  test("attach: what is typed comes back, resize arrives, leaving keeps it alive", async () => {
    await open(80, 24);
    await press("a", "hello from /web");
    await terminal.screen.waitFor("size 80x21");
    await press("abc", /^abc/m);
    terminal.resize(100, 30);
    await terminal.screen.waitFor("size 100x27");
    await press("\x02d", "w: 1 terminal");
    await press("w", /^abc/m);
    await press("\x10\x11", "it keeps running");
    await terminal.screen.waitFor(/2 Ima(ges)? 2/);
  });

  test("keys of the UI belong to the program: q and Ctrl-C do not leave", async () => {
    await open();
    await press("a", "hello from /web");
    await press("q\x03?:", /^q\?:/m);
    await press("\x02x", /Ima(ges)? 2/);
  });

  test("what is typed before a terminal is open goes into it, not into the list", async () => {
    await open();
    await typeAhead("e");
    await press("sdX early\x1b[D", /^sdX early/m);
    expect(fake.calls).toEqual([]);
    await press("\x02x", /Ima(ges)? 2/);
    await typeAhead(":exec -it db sh\r");
    await press("sq", (text) => text.includes("hello from /db") && /^sq/m.test(text));
    await press("\x02x", /Ima(ges)? 2/);
    await press("rj", cursorOn("db"));
    expect(fake.calls).toEqual(["restart web"]);
  });

  test("several pasted lines are asked for; no and Enter paste nothing", async () => {
    await open();
    await press("a", "hello from /web");
    const question = await press("\x1b[200~first\nsecond\n\x1b[201~", "Paste 2 lines into attach web?");
    expect(question).toMatch(/first.*\n.*second/);
    await press("\r", absent("Paste 2 lines"));
    await press("\x1b[200~third\nfourth\x1b[201~", "Paste 2 lines");
    await press("y", /^third/m);
    expect(terminal.screen.text()).not.toMatch(/^first/m);
    await press("\x02x", /Ima(ges)? 2/);
  });

  test("the prefix key twice is typed", async () => {
    await open();
    await press("a", "hello from /web");
    await press("x\x02\x02y", /xy/);
    await press("\x02é", "é is no key here: ^B ? shows them");
    await press("\x02d", "w: 1 terminal");
  });

  test("a prompt over a terminal covers neither its title nor its cursor", async () => {
    await open(80, 24);
    await press("a", "hello from /web");
    await press(`${"\r".repeat(17)}last`, /^last/m);
    await press("\x02:", "⏎ run");
    const text = await terminal.screen.waitFor(/attach .*build/);
    expect(text).toContain("1 attach web");
    expect(text).toMatch(/^last/m);
    await press("\x1b", absent("⏎ run"));
    expect(terminal.screen.text()).toContain("1 attach web");
    await press("\x10\x11", /Ima(ges)? 2/);
  });

  test("several at once: switch, number, zoom", async () => {
    await open(100, 40);
    await press("a", "hello from /web");
    await press("\x02d", "w: 1 terminal");
    await press("j", cursorOn("db"));
    await press("e", (text) => text.includes("hello from /web") && text.includes("hello from /db"));
    await press("second", /^second/m);
    await press("\x02p", (text) => text.includes("second"));
    await press("first", /^first/m);
    await press("\x02z", absent("second"));
    await press("\x022", (text) => /^second/m.test(text) && !/^first/m.test(text));
    await press("\x02z", /^first/m);
    await press("\rexit", absent("second"));
  });

  test("quitting with an open terminal asks first", async () => {
    await open();
    await press("a", "hello from /web");
    await press("\x02d", "w: 1 terminal");
    await press("q", "Leave berth?");
    await press("n", absent("Leave berth?"));
    await press("q", "Leave berth?");
    terminal.type("y");
    expect(await over).toBe(0);
  });

  test("the past: whole screens, search, marks, copy; the program gets none of the keys", async () => {
    await open(80, 24);
    await press("a", "hello from /web");
    for (let line = 1; line <= 60; line++) terminal.type(`line-${line}\r`);
    await terminal.screen.waitFor(/^line-60/m);
    await press("\x02[", /1 attach web {2}past/);
    await press("k", /scrolled back 1 /);
    await press("\x1b[5~", /scrolled back 21 /);
    await press("g", /^hello from \/web/m);
    await press("G", /^line-60/m);
    await press("/", "search upwards:");
    await press("line-2$\r", /^line-2$/m);
    await terminal.screen.waitFor(() =>
      terminal.screen.lines().some((line, row) => line === "line-2" && terminal.screen.styled(row).startsWith("⟦i⟧")),
    );
    await press("m", "marked: [ and ] come back to it");
    await press("G", /^line-60/m);
    await press("[", /^line-2$/m);
    await press("y", /copied 2\d lines/);
    expect(Buffer.from(/\x1b\]52;c;([\w+/=]+)\x07/.exec(terminal.screen.raw)?.[1] ?? "", "base64").toString()).toMatch(/^line-2$/m);
    await press("/nowhere\r", '"nowhere" is not in here');
    await press("q", (text) => !/attach web {2}past/.test(text) && /^line-60/m.test(text));
    await press("typed", /^typed/m);
  });

  test("the mouse: drags reach the program until the button is let go, in its own corner", async () => {
    await open(80, 24);
    await press("a", "hello from /web");
    await press("\x1b[?1003hdrag", /drag/);
    await eventually(() => expect(terminal.screen.raw).toContain("\x1b[?1002l\x1b[?1003h"));
    await press("\x1b[<0;5;4M", '%"');
    await press("\x1b[<32;9;30M", "@)5");
    await press("\x1b[<0;9;30m", "#)5");
    await press("\x02d", "w: 1 terminal");
    await eventually(() => expect(terminal.screen.raw).toContain("\x1b[?1003l\x1b[?1002h"));
  });

  test("selecting in the past: lines with keys, with the mouse, and a rectangle", async () => {
    await open(80, 24);
    await press("a", "hello from /web");
    for (let line = 1; line <= 40; line++) terminal.type(`line-${line}\r`);
    await terminal.screen.waitFor(/^line-40/m);
    const copied = () =>
      Buffer.from([...terminal.screen.raw.matchAll(/\x1b\]52;c;([\w+/=]*)\x07/g)].at(-1)?.[1] ?? "", "base64").toString();
    await press("\x02[", /1 attach web {2}past/);
    await press("v", "selecting: y copies");
    await press("k".repeat(24), /^line-16/m);
    await press("y", "copied 25 lines");
    expect(copied()).toMatch(/^line-16\nline-17\n.*line-40$/s);
    await press("q", (text) => /^line-40/m.test(text) && !/attach web {2}past/.test(text));
    const row = terminal.screen.lines().indexOf("line-30") + 1;
    const drag = (button: number) => `\x1b[<${button};2;${row}M\x1b[<${button + 32};4;${row + 2}M\x1b[<${button};4;${row + 2}m`;
    await press(drag(0), /attach web {2}past {2}selecting: y copies/);
    await press("y", "copied 3 lines");
    expect(copied()).toBe("line-30\nline-31\nline-32");
    await press(drag(8), "selecting a rectangle");
    terminal.type("y");
    await eventually(() => expect(copied()).toBe("ine\nine\nine"));
    await press("q", (text) => !/attach web {2}past/.test(text));
    await press("typed", /^typed/m);
  });

  test("a bell marks its terminal and the way to it; a title names it; the clipboard is for whoever has the keyboard", async () => {
    await open(80, 24);
    await press("a", "hello from /web");
    await press("\x1b]2;my title\x07", "1 attach web  · my title");
    await press(`\x1b]52;c;${Buffer.from("from a program").toString("base64")}\x07`, "copied from a program");
    const bells = () => terminal.screen.raw.replace(/\x1b\][^\x07]*\x07/g, "").split("\x07").length - 1;
    await press("\x07!", /!/);
    await eventually(() => expect(bells()).toBe(1));
    await press("\x02d", "w: 1 terminal");
  });
});
