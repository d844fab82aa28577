/** Which programs the kernel can run, asked by making a system call as they would. */
import { bind } from "./libc.ts";

// <asm/unistd_x32.h>: x32 calls are x86-64's with this bit
const X32_BIT = 0x40000000;
const GETPID_X64 = 39;

/** x86-64 only: false where the x32 ABI is compiled out or off, as it is nearly everywhere. */
export function hasX32(): boolean {
  return Number(bind<(number: number) => number>("long syscall(long number)")(X32_BIT | GETPID_X64)) > 0;
}
