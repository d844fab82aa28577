/** Messages of protocol buffers against bytes that protoc's encoders write (Protocol Buffers, "Encoding"). */
import { expect, test } from "vitest";
import { bytes, flag, integer, long, many, map, message, nested, text, time } from "../../../../engine/serve/buildkit/wire.ts";

const inner = message({ name: text(1) });
const all = message({
  text: text(1),
  count: integer(2),
  long: long(3),
  flag: flag(4),
  bytes: bytes(5),
  inner: nested(6, inner),
  names: many(text(7)),
  inners: many(nested(8, inner)),
  map: map(9, text),
  time: time(10),
});

const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");

test("known bytes, both ways", () => {
  expect(hex(all.encode({ text: "testing" }))).toBe("0a0774657374696e67");
  expect(hex(all.encode({ count: 150 }))).toBe("109601");
  expect(all.decode(Buffer.from("109601", "hex")).count).toBe(150);
  expect(hex(all.encode({ map: { a: "b" } }))).toBe("4a060a0161120162");
  expect(hex(all.encode({ names: ["", "x"] }))).toBe("3a003a0178");
});

test("everything comes back as it was", () => {
  const value = {
    ...{ text: "ä", count: -1, long: -1_500_000_001n, flag: true, inner: { name: "in" } },
    ...{ names: ["a", "", "b"], inners: [{ name: "1" }, { name: "" }], map: { k: "v", "": "empty" }, time: 1_700_000_000_123.5 },
  };
  const { bytes: read, ...rest } = all.decode(all.encode({ ...value, bytes: Buffer.from([0, 255]) }));
  expect([rest, hex(read)]).toEqual([value, "00ff"]);
});

test("what is absent is empty, what is not known is passed over", () => {
  const { bytes: none, ...rest } = all.decode(Buffer.alloc(0));
  expect(none.length).toBe(0);
  const empty = { text: "", count: 0, long: 0n, flag: false, inner: undefined, names: [], inners: [], map: {}, time: undefined };
  expect(rest).toEqual(empty);
  const unknown = message({ other: text(20), number: integer(21), text: text(1) });
  expect(all.decode(unknown.encode({ other: "?", number: 7, text: "known" })).text).toBe("known");
  expect(all.decode(message({ text: integer(1), count: text(2) }).encode({ text: 7, count: "seven" }))).toMatchObject({
    text: "",
    count: 0,
  });
});

test.each(["0a", "0aff", "0a05ab", "ffffffffffffffffffffff", "52020801ff"])("bytes that are no message are refused: %s", (text) => {
  expect(() => all.decode(Buffer.from(text, "hex"))).toThrow(/^cannot read a message: /);
});
