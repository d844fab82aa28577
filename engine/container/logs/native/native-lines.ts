/**
 * The lines of a log made and taken apart by compiled code (lines.c), for output by the megabyte: 50 million lines of two bytes take
 * 0.4 s of it, 1.3 s of V8, and 9 s of the quick executable, which does not compile.
 */
import { loadCode } from "../../../sys/native-code.ts";
import { lines } from "./lines.ts";

type Encode = (
  head: Buffer,
  size: number,
  longest: number,
  output: Uint8Array,
  length: number,
  at: Uint32Array,
  out: Buffer,
  room: number,
) => number;
type Decode = (text: Buffer, length: number, state: Uint32Array, time: Buffer, room: number) => void;

export interface NativeLines {
  encode: Encode;
  decode: Decode;
}

/** Bytes from which on it is worth a call, and at first the loading. */
const worthwhile = 4096;

let known: NativeLines | null | undefined;

/** Null for so little text that it is not worth a call, and where there is none: then the same is done without. */
export function nativeLines({ length }: Uint8Array): NativeLines | null {
  if (length < worthwhile) return null;
  if (known === undefined) known = load();
  return known;
}

function load(): NativeLines | null {
  const functions = loadCode(lines);
  return functions
    ? {
        encode: functions(
          "uint32_t encode_lines(const void *head, uint32_t size, uint32_t longest, const void *output, uint32_t length, void *at, void *out, uint32_t room)",
        ) as Encode,
        decode: functions("void decode_lines(void *lines, uint32_t length, void *state, void *time, uint32_t room)") as unknown as Decode,
      }
    : null;
}
