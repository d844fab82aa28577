import { PassThrough } from "node:stream";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { InputRouter, type Mouse } from "../../../views/input/router.ts";
import { eventually } from "../../support/eventually.ts";

let stdin: PassThrough;
let router: InputRouter;
let typed: string;
let events: string[];
let takesMouse: boolean;

const pane = { type: (bytes: Buffer) => void (typed += bytes.toString("latin1")) };
const feed = (text: string) => stdin.emit("data", Buffer.from(text, "latin1"));
const ui = () => (router.proxy as unknown as PassThrough).read()?.toString("latin1") ?? "";

beforeEach(() => {
  stdin = new PassThrough();
  typed = "";
  events = [];
  takesMouse = true;
  router = new InputRouter(stdin as unknown as NodeJS.ReadStream, "\x02", {
    onPrefix: () => void events.push("prefix"),
    onPrefixed: (key) => {
      events.push(`key ${key}`);
      if (key === "d") router.focus(undefined);
    },
    onMouse: ({ button, x, y, press }: Mouse) => {
      events.push(`mouse ${button} ${x},${y} ${press ? "down" : "up"}`);
      return takesMouse;
    },
    onFocus: (has) => void events.push(`focus ${has}`),
    onColour: (which, colour) => void events.push(`colour ${which} ${colour}`),
  });
});

test("keys go to the UI, or unchanged to the pane that has the keyboard", () => {
  feed("j\x1b[A");
  expect(ui()).toBe("j\x1b[A");
  router.focus(pane);
  feed("q\x03\x1a\xff\x1b[200~paste\x1b[201~");
  expect(typed).toBe("q\x03\x1a\xff\x1b[200~paste\x1b[201~");
  expect(ui()).toBe("");
});

test("the key after the prefix is the UI's; twice the prefix is the program's", () => {
  router.focus(pane);
  feed("a\x02nb");
  feed("\x02");
  feed("\x1b[5~c\x02\x02");
  expect(typed).toBe("abc\x02");
  expect(events).toEqual(["prefix", "key n", "prefix", "key pageup", "prefix", "key "]);
});

test("what follows a prefixed key in the same read goes where the keyboard is by then", () => {
  router.focus(pane);
  feed("x\x02djj");
  expect(typed).toBe("x");
  expect(ui()).toBe("jj");
});

test("Escape before a paste is a key of its own, for the UI and after the prefix", () => {
  feed("\x1b\x1b[200~text\x1b[201~");
  expect(ui()).toBe("\x1b[27u\x1b[200~text\x1b[201~");
  router.focus(pane);
  feed("\x02\x1b\x1b[200~\x02text\x1b[201~");
  expect(events).toEqual(["prefix", "key esc"]);
  expect(typed).toBe("\x1b[200~\x02text\x1b[201~");
});

test("a wide or escape key after the prefix is one key", () => {
  router.focus(pane);
  feed("\x02\x1bOAz");
  feed("\x02\x1b");
  expect(events).toEqual(["prefix", "key up", "prefix", "key esc"]);
  expect(typed).toBe("z");
});

test("mouse reports are taken out of the keys, also when a read cuts them", () => {
  feed("j\x1b[<0;10;5");
  feed("Mk\x1b[<65;1;1M\x1b[<0;10;5m");
  expect(events).toEqual(["mouse 0 9,4 down", "mouse 65 0,0 down", "mouse 0 9,4 up"]);
  expect(ui()).toBe("jk");
});

test("a report that nobody used reaches a pane, never the UI", () => {
  takesMouse = false;
  feed("\x1b[<0;1;1M");
  expect(ui()).toBe("");
  router.focus(pane);
  feed("\x1b[<0;1;1M");
  expect(typed).toBe("\x1b[<0;1;1M");
});

test("after dispose nothing is read", () => {
  router.dispose();
  feed("j");
  expect(ui()).toBe("");
});

test("within a paste the prefix is text, also when its marks are cut by the reads", () => {
  router.focus(pane);
  for (const part of ["\x1b[2", "00~one\x02dtwo\x1b", "[20", "1~\x02", "n"]) feed(part);
  expect(typed).toBe("\x1b[200~one\x02dtwo\x1b[201~");
  expect(events).toEqual(["prefix", "key n"]);
});

test("a report that is cut anywhere behind its Escape is joined; Escape alone is a key at once", () => {
  router.focus(pane);
  for (const part of ["\x1b[", "<0;5;7M", "\x1b[<0;5", ";7m", "\x1b"]) feed(part);
  expect(events).toEqual(["mouse 0 4,6 down", "mouse 0 4,6 up"]);
  expect(typed).toBe("\x1b");
});

test("a beginning that nothing follows is typed after a moment", async () => {
  router.focus(pane);
  feed("\x1b[");
  expect(typed).toBe("");
  await eventually(() => expect(typed).toBe("\x1b["));
});

test("after the prefix a character of several bytes is one key", () => {
  router.focus(pane);
  feed(`\x02${Buffer.from("é").toString("latin1")}x`);
  expect(events).toEqual(["prefix", "key é"]);
  expect(typed).toBe("x");
});

test("over a slow line the rest of a mark or a report may take its time; Alt-[ does not", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  feed("\x1b[<0;3");
  vi.advanceTimersByTime(500);
  feed(";4M");
  expect([ui(), events.splice(0)]).toEqual(["", ["mouse 0 2,3 down"]]);
  router.focus(pane);
  feed("\x1b[20");
  vi.advanceTimersByTime(500);
  feed("0~a\x02d");
  expect([typed, events]).toEqual(["\x1b[200~a\x02d", []]);
  router.focus(undefined);
  feed("\x1b[");
  vi.advanceTimersByTime(100);
  expect(ui()).toBe("\x1b[");
});

test("what the terminal says by itself is nobody's key, wherever the read is cut", () => {
  feed("j\x1b[I\x1b]11;rgb:1a/2b/3c\x1b\\k");
  router.focus(pane);
  feed("a\x1b[O\x1b]10;rgb:ff");
  feed("/ff/ff\x1b");
  feed("\\b");
  expect([ui(), typed]).toEqual(["jk", "ab"]);
  expect(events).toEqual(["focus true", "colour 11 rgb:1a/2b/3c", "focus false", "colour 10 rgb:ff/ff/ff"]);
});
