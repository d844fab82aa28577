/** A person's terminal as ever, of which a recording hears what is typed and what is written. */
import { type Readable, Writable } from "node:stream";
import type { Terminal } from "../../../engine/index.ts";
import type { Heard } from "./dialogue.ts";

/** @param write where its output goes on to */
export function overheard(terminal: Terminal, heard: Heard[], write: (chunk: Uint8Array) => Promise<unknown>): Terminal {
  const decoders = { person: new TextDecoder(), program: new TextDecoder() };
  const hear = (from: Heard["from"], chunk: Uint8Array) => void heard.push({ from, text: decoders[from].decode(chunk, { stream: true }) });
  const output = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      hear("program", chunk);
      void write(chunk).then(() => done(), done);
    },
  });
  return {
    get columns() {
      return terminal.columns;
    },
    get rows() {
      return terminal.rows;
    },
    input: listenedTo(terminal.input, (chunk) => hear("person", chunk)),
    output,
    onResize: (listener) => terminal.onResize(listener),
    setRaw: (raw) => terminal.setRaw(raw),
    ...(terminal.onKey && { onKey: (listener: (key: string) => void) => terminal.onKey!(listener) }),
    ...(terminal.recall && { recall: () => terminal.recall!() }),
    ...(terminal.hasWayOut && { hasWayOut: true }),
  };
}

/** The same stream, of whose data somebody else hears, too. */
function listenedTo(stream: Readable, hear: (chunk: Uint8Array) => void): Readable {
  const wrapped = new Map<unknown, (chunk: Uint8Array) => void>();
  const methods: Record<string | symbol, unknown> = {
    on(event: string, listener: (chunk: Uint8Array) => void) {
      const own = (chunk: Uint8Array) => {
        hear(chunk);
        listener(chunk);
      };
      if (event === "data") wrapped.set(listener, own);
      stream.on(event, event === "data" ? own : listener);
      return proxy;
    },
    off(event: string, listener: (chunk: Uint8Array) => void) {
      stream.off(event, wrapped.get(listener) ?? listener);
      return proxy;
    },
    async *[Symbol.asyncIterator]() {
      for await (const chunk of stream) {
        hear(chunk);
        yield chunk;
      }
    },
  };
  const proxy: Readable = new Proxy(stream, {
    get(target, key) {
      if (Object.hasOwn(methods, key)) return methods[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return proxy;
}
