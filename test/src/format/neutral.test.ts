/** Bytes of names that are no UTF-8 on their way to a terminal, which would show U+FFFD for all of them alike. */
import { expect, test } from "vitest";
import { decodeName } from "../../../engine/image/tar/names.ts";
import { neutralise, neutraliseJson, neutraliseLine } from "../../../src/format/neutral.ts";

const name = decodeName(Buffer.from("a\xe4b\xff", "latin1"));

test.each([neutralise, neutraliseLine])("%o shows them as escapes, and leaves text as it is", (neutral) => {
  expect(neutral(name)).toBe("a\\xe4b\\xff");
  expect(neutral("ä 🐳 \u{10dc80}")).toBe("ä 🐳 \u{10dc80}"); // pairs whose second half looks like such a byte
  expect(neutral("\x1b[31m")).toBe("\\x1b[31m");
});

test("JSON says them in its own escapes", () => {
  expect(neutraliseJson(JSON.stringify(name))).toBe('"a\\udce4b\\udcff"');
});
