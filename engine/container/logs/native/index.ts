/** Log lines made and taken apart by compiled code. */
export { type NativeLines, nativeLines } from "./native-lines.ts";
