/** Run by foreign-calls.test.ts on Node and on Bun: what C functions are given and give back, as JSON. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { addressOf, bind, lastErrno, load, systemError } from "../../../engine/sys/libc.ts";

const found: Record<string, unknown> = {};

const fcntl = bind<(fd: number, command: number, value: number) => number>("int fcntl(int fd, int command, int value)");
found["a negative int, and errno"] = [fcntl(12345, 1, 0), lastErrno()];

const close = bind<(fd: number) => number>("int close(int fd)");
const fd = openSync("/dev/null", "r");
found["errno is the last call's"] = [close(12345), lastErrno(), close(fd)];

found["an unsigned int"] = bind<(value: number) => number>("uint32_t htonl(uint32_t value)")(0xff);

const lseek = bind<(fd: number, offset: number | bigint, whence: number) => number>("long lseek(int fd, long offset, int whence)");
const file = openSync(new URL(import.meta.url).pathname, "r");
found["a long beyond 32 bits, of a number and a bigint"] = [lseek(file, 2 ** 40, 0), lseek(file, 2n ** 41n, 0)].map(Number);
closeSync(file);

found["a text, given and got"] = [
  bind<(text: string) => number>("size_t strlen(const char *text)", "libc.so.6")("zwölf"),
  bind<(error: number) => string>("const char *strerror(int error)")(2),
].map((value) => (typeof value === "string" ? value : Number(value)));
found["no text"] = bind<(name: string) => string | null>("const char *getenv(const char *name)")("BERTH_NO_SUCH_VARIABLE");

const numbers = Int32Array.of(3, 5);
const words = new Uint8Array(8);
const copy = bind<(to: Uint8Array, from: Int32Array, size: number) => unknown>("void *memcpy(void *to, const void *from, size_t size)");
copy(words.subarray(2), numbers.subarray(1), 4); // parts of arrays
found["memory of an array, from where it begins"] = [...words];
const address = bind<(to: Uint8Array, from: bigint, size: number) => unknown>("void *memcpy(void *to, uintptr_t from, unsigned long size)");
address(words, addressOf(numbers), 4);
found["the address of it"] = [...words];
found["null"] = bind<(time: null) => number>("long time(void *into)")(null) > 1e9;

found["errors are the system's"] = close(12345) < 0 && systemError(lastErrno(), "close", "x").message;

const eight = "int snprintf(void *to, size_t size, const char *format, long a, long b, long c, long d, long e)";
const line = Buffer.alloc(80);
bind<(...args: unknown[]) => number>(eight)(line, line.length, "%ld %ld %ld %ld %ld", 1, -2, 3, 2 ** 40, -5);
found["eight parameters"] = line.toString("latin1").replace(/\0.*/s, "");

const failing = (what: () => unknown) => {
  try {
    what();
    return "done";
  } catch {
    return "refused";
  }
};
found["what is not there"] = [
  failing(() => bind("int no_such_function(int a)")),
  failing(() => load("libnosuch.so.9")),
  failing(() => (fcntl as (...args: unknown[]) => number)({}, 1, 0)),
];

const maps = readFileSync("/proc/self/maps", "utf8");
found["called by"] = [...new Set(maps.match(/\w+\.node$/gm))];
console.log(JSON.stringify(found));
