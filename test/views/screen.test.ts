/** The TUI's hold of the terminal: taken, given back, too small, without colours, refused. */
import { describe, expect, test } from "vitest";
import { runTui } from "../../views/app.tsx";
import { fakeTerminal } from "../support/screen.ts";
import { cursorOn, fake, open, over, press, terminal } from "./tui-scene.ts";

describe("the screen", () => {
  test("is restored on quit", async () => {
    await open();
    expect(terminal.screen.alternate).toBe(true);
    expect(terminal.raw).toBe(true);
    terminal.type("q");
    expect(await over).toBe(0);
    expect(terminal.raw).toBe(false);
    expect(terminal.screen.raw).toContain("\x1b[?1049l");
    await terminal.screen.parsed();
    expect(terminal.screen.terminal.modes.wraparoundMode).toBe(true);
    expect(terminal.screen.raw).toMatch(/\x1b\[\?1000l/);
  });

  test("begins at its first cell, wherever the cursor was", async () => {
    const { screen, stdin, stdout, type } = fakeTerminal(100, 24);
    screen.feed("$ berth\r\ntyped ahead");
    const over = runTui({ engine: fake.engine, root: "/var/lib/berth", env: {}, stdin, stdout });
    await screen.waitFor(/^ berth .*2 running of 3.*\n 1 Containers 3 /);
    type("q");
    expect(await over).toBe(0);
  });

  test("says so when it is too small, and comes back", async () => {
    await open(30, 8);
    await terminal.screen.waitFor("too small: 30x8");
    terminal.resize(80, 24);
    await terminal.screen.waitFor("web");
    terminal.resize(40, 10);
    await terminal.screen.waitFor((text) => text.split("\n").length <= 10 && text.includes("web"));
  });

  test("has no colours with NO_COLOR", async () => {
    await open(100, 24, { NO_COLOR: "1" });
    await terminal.screen.waitFor("web");
    expect(terminal.screen.raw).not.toMatch(/\x1b\[(?:[\d;]*;)?[34]\d(?:;[\d;]*)?m/);
  });

  test("follows the mouse: wheel, rows, tabs", async () => {
    await open();
    await press("\x1b[<0;5;5M", cursorOn("db"));
    await press("\x1b[<65;5;5M", cursorOn("old"));
    await press("\x1b[<0;18;2M", "python:3.9");
  });

  test("is refused on a dumb terminal and without one", async () => {
    await open();
    const { stdin, stdout } = fakeTerminal();
    await expect(runTui({ engine: fake.engine, root: "/", env: { TERM: "dumb" }, stdin, stdout })).rejects.toThrow(
      "cannot move its cursor",
    );
    Object.assign(stdout, { isTTY: false });
    await expect(runTui({ engine: fake.engine, root: "/", env: {}, stdin, stdout })).rejects.toThrow("standard output is not a terminal");
  });
});
