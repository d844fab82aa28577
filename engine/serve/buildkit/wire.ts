/**
 * Messages of protocol buffers (proto3), declared as tables of fields, as the shapes of JSON bodies are. Bytes are read and written by
 * @bufbuild/protobuf. As there, a field that is absent has its kind's empty value, and what is not declared is passed over.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { EngineError } from "../../errors.ts";

/** @typeParam W what may be written, where that is less than what is read */
export interface Field<R, W = R> {
  readonly number: number;
  readonly type: WireType;
  /** What it is when it is absent. */
  empty(): R;
  /** One more occurrence; gives what there is by then. */
  read(reader: BinaryReader, before: R): R;
  write(writer: BinaryWriter, value: W): void;
}

// biome-ignore lint/suspicious/noExplicitAny: fields of any value
export type Fields = Record<string, Field<any, any>>;
export type Read<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<infer R, infer _> ? R : never };
export type Written<F extends Fields> = { [Name in keyof F]?: F[Name] extends Field<infer _, infer W> ? W : never };

export interface Message<F extends Fields> {
  /** @throws EngineError `invalid` */
  decode(bytes: Uint8Array): Read<F>;
  encode(value: Written<F>): Uint8Array;
}

export type Decoded<M> = M extends Message<infer F> ? Read<F> : never;
export type Encoded<M> = M extends Message<infer F> ? Written<F> : never;

export function message<F extends Fields>(fields: F): Message<F> {
  const byNumber = new Map(Object.entries(fields).map(([name, field]) => [field.number, { name, field }]));
  const read = (reader: BinaryReader): Read<F> => {
    const value: Record<string, unknown> = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.empty()]));
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      const known = byNumber.get(number);
      if (known?.field.type === type) value[known.name] = known.field.read(reader, value[known.name]);
      else reader.skip(type, number);
    }
    return value as Read<F>;
  };
  return {
    decode(bytes) {
      try {
        return read(new BinaryReader(bytes));
      } catch (cause) {
        throw new EngineError("invalid", `cannot read a message: ${(cause as Error).message}`, { cause });
      }
    },
    encode(value) {
      const writer = new BinaryWriter();
      for (const [name, field] of Object.entries(fields)) if (value[name] !== undefined) field.write(writer, value[name]);
      return writer.finish();
    },
  };
}

interface Scalar<T> {
  type: WireType;
  empty: T;
  read(reader: BinaryReader): T;
  write(writer: BinaryWriter, value: T): void;
}

const scalar =
  <T>({ type, empty, read, write }: Scalar<T>) =>
  (number: number): Field<T> => ({
    ...{ number, type },
    empty: () => empty,
    read,
    write: (writer, value) => write(writer.tag(number, type), value),
  });

export const text = scalar<string>({
  type: WireType.LengthDelimited,
  empty: "",
  read: (reader) => reader.string(),
  write: (writer, value) => writer.string(value),
});
export const bytes = scalar<Uint8Array>({
  type: WireType.LengthDelimited,
  empty: new Uint8Array(),
  read: (reader) => reader.bytes(),
  write: (writer, value) => writer.bytes(value),
});
export const flag = scalar<boolean>({
  type: WireType.Varint,
  empty: false,
  read: (reader) => reader.bool(),
  write: (writer, value) => writer.bool(value),
});
/** int32, int64, uint32, enumerations: whatever a number holds exactly. */
export const integer = scalar<number>({
  type: WireType.Varint,
  empty: 0,
  read: (reader) => Number(reader.int64()),
  write: (writer, value) => writer.int64(value),
});
/** int64 of all its bits: nanoseconds. */
export const long = scalar<bigint>({
  type: WireType.Varint,
  empty: 0n,
  read: (reader) => BigInt(reader.int64()),
  write: (writer, value) => writer.int64(value),
});

export const nested = <F extends Fields>(number: number, of: Message<F>): Field<Read<F> | undefined, Written<F>> => ({
  ...{ number, type: WireType.LengthDelimited },
  empty: () => undefined,
  read: (reader) => of.decode(reader.bytes()),
  write: (writer, value) => void writer.tag(number, WireType.LengthDelimited).bytes(of.encode(value)),
});

/** repeated; of texts, bytes and messages, which are never packed. */
export const many = <R, W>(of: Field<R, W>): Field<NonNullable<R>[], readonly W[]> => ({
  number: of.number,
  type: of.type,
  empty: () => [],
  read: (reader, before) => [...before, of.read(reader, of.empty()) as NonNullable<R>],
  write(writer, values) {
    for (const value of values) of.write(writer, value);
  },
});

/** map<string, …> @param of the field of an entry's value, which is number 2 */
export function map<R, W>(number: number, of: (number: number) => Field<R, W>): Field<Record<string, R>, Record<string, W>> {
  const entry = message({ key: text(1), value: of(2) });
  return {
    ...{ number, type: WireType.LengthDelimited },
    empty: () => ({}),
    read(reader, before) {
      const { key, value } = entry.decode(reader.bytes()) as { key: string; value: R };
      return { ...before, [key]: value };
    },
    write(writer, values) {
      for (const [key, value] of Object.entries(values))
        writer.tag(number, WireType.LengthDelimited).bytes(entry.encode({ key, value } as never));
    },
  };
}

const timestamp = message({ seconds: integer(1), nanos: integer(2) });

/** google.protobuf.Timestamp, as milliseconds since the epoch. */
export const time = (number: number): Field<number | undefined> => ({
  ...{ number, type: WireType.LengthDelimited },
  empty: () => undefined,
  read(reader) {
    const { seconds, nanos } = timestamp.decode(reader.bytes());
    return seconds * 1000 + nanos / 1e6;
  },
  write(writer, ms) {
    if (ms === undefined) return;
    const seconds = Math.floor(ms / 1000);
    const value = { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
    writer.tag(number, WireType.LengthDelimited).bytes(timestamp.encode(value));
  },
});
