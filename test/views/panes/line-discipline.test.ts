import { beforeEach, expect, test } from "vitest";
import { LineDiscipline } from "../../../views/panes/line-discipline.ts";

let delivered: string[];
let screen: string;
let signals: string[];
let discipline: LineDiscipline;

beforeEach(() => {
  delivered = [];
  screen = "";
  signals = [];
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  discipline = new LineDiscipline({
    deliver: (bytes) => void delivered.push(text(bytes)),
    echo: (bytes) => void (screen += text(bytes)),
    endOfInput: () => void signals.push("end"),
    interrupt: () => void signals.push("interrupt"),
  });
});

const type = (text: string) => discipline.type(Buffer.from(text));

test("a line is echoed as it is typed and handed over at Enter", () => {
  type("ls");
  expect([screen, delivered]).toEqual(["ls", []]);
  type(" -l\r");
  expect([screen, delivered]).toEqual(["ls -l\r\n", ["ls -l\n"]]);
});

test("backspace takes back whole characters, and nothing of an empty line", () => {
  type("aé\x7f\x7f\x7fb\r");
  expect(delivered).toEqual(["b\n"]);
  expect(screen.match(/\x08 \x08/g)).toHaveLength(2);
});

test("Ctrl-U empties the line", () => {
  type("wrong\x15right\n");
  expect(delivered).toEqual(["right\n"]);
});

test("Ctrl-D hands over what is there, or ends the input", () => {
  type("part\x04");
  expect([delivered, signals]).toEqual([["part"], []]);
  type("\x04");
  expect(signals).toEqual(["end"]);
});

test("Ctrl-C drops the line and interrupts", () => {
  type("half\x03whole\r");
  expect(signals).toEqual(["interrupt"]);
  expect(delivered).toEqual(["whole\n"]);
  expect(screen).toContain("^C\r\n");
});

test("other control characters show as two", () => {
  type("a\x01");
  expect(screen).toBe("a^A");
});
