/** Buffers of contents on their way. */

/**
 * Gives the memory of one back at once that nobody looks at any more: the collector sees how small the object is, not what it holds, and lets
 * tens of megabytes come together. One that shares its memory with others is left to it.
 */
export function giveBack({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
