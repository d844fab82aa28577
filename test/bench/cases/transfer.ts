/**
 * Images on the move: load, save, push and pull of 300 MB, in one layer and in twelve. Half of the bytes are in files of a few
 * kilobytes, half in large ones; a third of the files is text, a third cannot be compressed, and a third has both. Pushes go to a registry that is new
 * to both, pulls come from one that has what this tree's bundle pushed.
 */
import { spawnSync } from "node:child_process";
import { createCipheriv, createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeEntry, tarHeader, trailer } from "../../../engine/image/tar/writer.ts";
import { chance } from "../../support/random.ts";
import { startDockerRegistry, type TestRegistry } from "../../support/registry.ts";
import { registryProgram } from "../../support/rootfs.ts";
import type { Case } from "../case.ts";
import type { Contender } from "../contender.ts";
import { type Command, outputOf, peakOf, timeOf } from "../measure.ts";

const total = 300 << 20;
const large = 12 << 20;
const small = 16 << 10;
/** Bytes of a run of text or of noise inside a file. */
const piece = 4 << 10;

const words = "image layer manifest digest return const function import export the of and to in is that for { } ( ) = ; \n\t".split(" ");

/** Files that are alike for equal seeds: text in which words repeat, and noise in turns. */
class Content {
  #chance: ReturnType<typeof chance>;
  #noise: ReturnType<typeof createCipheriv>;
  #text: Buffer;
  #files = 0;

  constructor(seed: number) {
    this.#chance = chance(seed);
    this.#noise = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
    this.#text = Buffer.from(Array.from({ length: 400_000 }, () => this.#chance.pick(words)).join(" "));
  }

  /** Three in turns: text, noise, and one that has both by the piece. */
  file(size: number): Buffer {
    const kind = this.#files++ % 3;
    const parts: Buffer[] = [];
    for (let at = 0; at * piece < size; at++) {
      const isText = kind === 0 || (kind === 2 && at % 2 === 0);
      const from = this.#chance.below(this.#text.length - piece);
      parts.push(isText ? this.#text.subarray(from, from + piece) : this.#noise.update(Buffer.alloc(piece)));
    }
    return Buffer.concat(parts).subarray(0, size);
  }

  /** A layer's tar, entry by entry. */
  *layer(number: number, size: number): Generator<Buffer> {
    const entry = (name: string, bytes: number) =>
      encodeEntry(tarHeader({ name: `layer${number}/${name}`, mtime: 1_700_000_000 }), this.file(bytes));
    for (let left = size / 2, at = 0; left > 0; left -= large, at++) yield entry(`large-${at}`, Math.min(large, left));
    for (let left = size / 2, at = 0; left > 0; at++) {
      const bytes = 1 + this.#chance.below(2 * small);
      left -= bytes;
      yield entry(`${at % 100}/small-${at}`, bytes);
    }
    yield trailer;
  }
}

let made: string | undefined;

/** Where the archives are, made when they are first asked for, gone with the process. */
function directory(): string {
  if (made) return made;
  made = mkdtempSync(join(tmpdir(), "berth-bench-images-"));
  process.once("exit", () => rmSync(directory(), { recursive: true, force: true }));
  return made;
}

const nameOf = (layers: number) => `bench-moved:${layers}`;
const archives = new Map<number, string>();

/** An archive as `docker save` writes it. */
function archiveOf(layers: number): string {
  const known = archives.get(layers);
  if (known) return known;
  const file = join(directory(), `${layers}.tar`);
  const fd = openSync(file, "w");
  const content = new Content(layers);
  const diffIds: string[] = [];
  const add = (name: string, bytes: Buffer) => writeSync(fd, encodeEntry(tarHeader({ name }), bytes));
  for (let at = 0; at < layers; at++) {
    const bytes = Buffer.concat([...content.layer(at, total / layers)]);
    diffIds.push(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
    add(`${at}/layer.tar`, bytes);
  }
  const config = { architecture: "amd64", os: "linux", config: { Cmd: ["true"] }, rootfs: { type: "layers", diff_ids: diffIds } };
  add("config.json", Buffer.from(JSON.stringify(config)));
  const manifest = { Config: "config.json", RepoTags: [nameOf(layers)], Layers: diffIds.map((_, at) => `${at}/layer.tar`) };
  add("manifest.json", Buffer.from(JSON.stringify([manifest])));
  writeSync(fd, trailer);
  closeSync(fd);
  archives.set(layers, file);
  return file;
}

/** The distribution project's: one in this process would not answer while a sample blocks it. */
const startRegistry = () => startDockerRegistry({ program: registryProgram() });

/** What was written before is not what is measured. */
function settle(): void {
  spawnSync("sync");
}

function isThere(contender: Contender, name: string): boolean {
  return outputOf(contender.command("images", "-q", name)).trim() !== "";
}

function remove(contender: Contender, name: string): void {
  if (isThere(contender, name)) outputOf(contender.command("rmi", "-f", name));
}

function provide(contender: Contender, layers: number): void {
  if (!isThere(contender, nameOf(layers))) outputOf(contender.command("load", "-i", archiveOf(layers)));
}

/** What is to be known of one command: its time, its memory. */
type Measure = (command: Command) => number | Promise<number>;

interface Verb {
  name: string;
  aim: string;
  prepare?(contender: Contender, layers: number): void | Promise<void>;
  measure(contender: Contender, layers: number, measure: Measure): number | Promise<number>;
  finish(contender: Contender, layers: number): void | Promise<void>;
}

const load: Verb = {
  name: "load",
  aim: "≤ 0.3 of docker",
  measure(contender, layers, measure) {
    remove(contender, nameOf(layers));
    settle();
    return measure(contender.command("load", "-i", archiveOf(layers)));
  },
  finish: (contender, layers) => remove(contender, nameOf(layers)),
};

const save: Verb = {
  name: "save",
  aim: "≤ 0.3 of docker",
  prepare: provide,
  measure(contender, layers, measure) {
    const file = join(directory(), "saved.tar");
    rmSync(file, { force: true });
    settle();
    return measure(contender.command("save", "-o", file, nameOf(layers)));
  },
  finish: load.finish,
};

const push: Verb = {
  name: "push",
  aim: "≤ 0.4 of docker",
  prepare: provide,
  async measure(contender, layers, measure) {
    await using registry = await startRegistry();
    const name = `${registry.host}/${nameOf(layers)}`;
    outputOf(contender.command("tag", nameOf(layers), name));
    settle();
    try {
      return await measure(contender.command("push", name));
    } finally {
      outputOf(contender.command("rmi", name));
    }
  },
  finish: load.finish,
};

const registries = new Map<number, TestRegistry>();
const remoteNameOf = (layers: number) => `${registries.get(layers)!.host}/${nameOf(layers)}`;

const pull: Verb = {
  name: "pull",
  aim: "≤ 0.5 of docker",
  async prepare(contender, layers) {
    if (registries.has(layers)) return;
    registries.set(layers, await startRegistry());
    provide(contender, layers);
    outputOf(contender.command("tag", nameOf(layers), remoteNameOf(layers)));
    outputOf(contender.command("push", remoteNameOf(layers)));
    for (const name of [nameOf(layers), remoteNameOf(layers)]) remove(contender, name);
  },
  measure(contender, layers, measure) {
    remove(contender, remoteNameOf(layers));
    settle();
    return measure(contender.command("pull", remoteNameOf(layers)));
  },
  async finish(contender, layers) {
    remove(contender, remoteNameOf(layers));
    // Nobody pulls any more when the first has finished.
    await registries.get(layers)![Symbol.asyncDispose]();
  },
};

function caseOf(verb: Verb, layers: number): Case {
  return {
    id: `${verb.name}/${layers}`,
    title: `${verb.name} of 300 MB in ${layers === 1 ? "one layer" : `${layers} layers`}`,
    aim: verb.aim,
    runs: 5,
    prepare: (contender) => verb.prepare?.(contender, layers),
    sample: (contender) => verb.measure(contender, layers, timeOf),
    finish: (contender) => verb.finish(contender, layers),
  };
}

function memoryCaseOf(verb: Verb): Case {
  const isBerth = ({ name }: Contender) => name === "berth"; // docker's memory is its daemon's
  return {
    id: `${verb.name}/memory`,
    title: `memory for it in ${many} layers, MB (peak RSS)`,
    aim: "≤ 200 MB",
    runs: 2,
    prepare: (contender) => (isBerth(contender) ? verb.prepare?.(contender, many) : undefined),
    sample: (contender) => (isBerth(contender) ? verb.measure(contender, many, peakOf) : undefined),
    finish: (contender) => (isBerth(contender) ? verb.finish(contender, many) : undefined),
  };
}

const many = 12;

export const transfers: readonly Case[] = [load, save, push, pull].flatMap((verb) => [
  caseOf(verb, 1),
  caseOf(verb, many),
  memoryCaseOf(verb),
]);
