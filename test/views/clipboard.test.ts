/** What is copied: to the terminal always, to a desktop's tool where there is one, and waiting for neither. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Clipboard } from "../../views/clipboard.ts";
import { Notes } from "../../views/notes.ts";
import { initialState } from "../../views/state.ts";
import { createStore } from "../../views/store.ts";
import { eventually } from "../support/eventually.ts";

let directory: string;
let sent: string[];
const path = process.env["PATH"];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-clipboard-"));
  process.env["PATH"] = `${directory}:${path}`;
  sent = [];
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(directory, { recursive: true, force: true });
});

function clipboard(env: Record<string, string>): Clipboard {
  const notes = new Notes(createStore(initialState({ columns: 80, rows: 24, version: "1", root: "/", now: 0 })));
  return new Clipboard({ notes, env: { PATH: process.env["PATH"]!, ...env }, send: (text) => void sent.push(text) });
}

function tool(name: string, script: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, name), 0o755);
}

const got = (name: string) => readFileSync(join(directory, name), "utf8");

test("a tool that has its display gets it, with the terminal", async () => {
  tool("xclip", `cat >${directory}/got.part && echo "$@" >${directory}/words && mv ${directory}/got.part ${directory}/got`);
  clipboard({ DISPLAY: ":0" }).copy("two\nlines ü");
  expect(sent).toEqual([`\x1b]52;c;${Buffer.from("two\nlines ü").toString("base64")}\x07`]);
  await eventually(() => expect(got("got")).toBe("two\nlines ü"));
  expect(got("words")).toBe("-selection clipboard -in\n");
});

test("Wayland's goes first; without a display none is asked", async () => {
  tool("xclip", `cat >${directory}/x`);
  tool("wl-copy", `cat >${directory}/w.part && mv ${directory}/w.part ${directory}/w`);
  clipboard({}).copy("nobody");
  clipboard({ DISPLAY: ":0", WAYLAND_DISPLAY: "wayland-0" }).copy("somebody");
  await eventually(() => expect(got("w")).toBe("somebody"));
  expect(() => got("x")).toThrow("ENOENT");
});

test("a tool that reads nothing, fails or hangs is waited for by nobody", async () => {
  tool("xsel", `echo $$ >${directory}/pid.part; mv ${directory}/pid.part ${directory}/pid; exec sleep 1000`);
  clipboard({ DISPLAY: ":0" }).copy("x".repeat(1 << 20));
  expect(sent).toHaveLength(1);
  await eventually(() => expect(() => process.kill(Number(got("pid")), 0)).toThrow("ESRCH"));
});
