/** Cases of ADD: archives of every compression, and what is none. */
import { type Compression, directory, file, hard, link, type ParityCase, tar } from "./case.ts";

const inside = {
  "d/": directory(0o750),
  "d/f": file("f\n", 0o600),
  "d/s": file("s\n", 0o4755),
  "d/l": link("f"),
  "d/h": hard("d/f"),
  "e/g": "g\n",
};

const unpacking = (compression: Compression, name: string): ParityCase => ({
  name: `add a tar: ${compression}`,
  dockerfile: ["FROM scratch", `ADD ${name} /x`],
  files: { [name]: tar(compression, inside, "12:34") },
});

export const addCases: readonly ParityCase[] = [
  unpacking("none", "a.tar"),
  unpacking("gzip", "a.tgz"),
  unpacking("bzip2", "a.tbz"),
  unpacking("xz", "a.txz"),
  {
    ...unpacking("zstd", "a.tzst"),
    newer: {
      files: [
        "+ / dir 755 0:0",
        "+ /x dir 755 0:0",
        "+ /x/d dir 750 12:34",
        "+ /x/d/f file 600 12:34 2 092fcfbbcfca old",
        "+ /x/d/h same as /x/d/f",
        "+ /x/d/l link 777 12:34 -> f old",
        "+ /x/d/s file 4755 12:34 2 cbc80bb5c0c0 old",
        "+ /x/e dir 755 12:34",
        "+ /x/e/g file 644 12:34 2 768c71d785bf old",
      ],
    },
  },
  {
    name: "add a tar whose name says nothing",
    dockerfile: ["FROM scratch", "ADD blob /x/"],
    files: { blob: tar("gzip", inside) },
  },
  {
    name: "add a file that is no tar in spite of its name",
    dockerfile: ["FROM scratch", "ADD a.tar.gz /x/"],
    files: { "a.tar.gz": "plain\n" },
  },
  {
    name: "add an empty file",
    dockerfile: ["FROM scratch", "ADD a.tar /x/"],
    files: { "a.tar": "" },
  },
  {
    name: "add a tar over existing files",
    dockerfile: ["FROM scratch", "COPY old /x", "ADD a.tar /x"],
    files: {
      "old/d/": directory(0o711),
      "old/d/f": "old",
      "old/d/kept": "kept",
      "old/e": "a file where a directory comes",
      "a.tar": tar("none", { "d/f": "new" }),
    },
  },
  {
    name: "add a tar to the root",
    dockerfile: ["FROM busybox:parity", "ADD a.tar /"],
    files: {
      "a.tar": tar("none", {
        "etc/": directory(0o711),
        "etc/added": "x",
        "new/": directory(0o700),
      }),
    },
  },
  {
    name: "add a tar with chown",
    dockerfile: ["FROM scratch", "ADD --chown=5:6 a.tar /x/y"],
    files: { "a.tar": tar("none", inside, "12:34") },
  },
  {
    name: "add two tars",
    dockerfile: ["FROM scratch", "ADD a.tar b.tar /x/"],
    files: {
      "a.tar": tar("none", { a: "a" }),
      "b.tar": tar("gzip", { b: "b" }),
    },
  },
  {
    name: "add a tar by a glob",
    dockerfile: ["FROM scratch", "ADD *.tar /x/"],
    files: {
      "a.tar": tar("none", { a: "a" }),
      "b.tar": tar("none", { b: "b" }),
    },
  },
  {
    name: "add a directory that holds a tar",
    dockerfile: ["FROM scratch", "ADD d /x/"],
    files: { "d/a.tar": tar("none", { a: "a" }) },
  },
  {
    name: "add a tar through a symlink",
    dockerfile: ["FROM scratch", "ADD to /x/"],
    files: { to: link("a.tar"), "a.tar": tar("none", { a: "a" }) },
  },
  {
    name: "add a plain file and a directory",
    dockerfile: ["FROM scratch", "ADD f d /x/"],
    files: { f: "f", "d/g": "g" },
  },
  {
    name: "add with chown and chmod",
    dockerfile: ["FROM scratch", "ADD --chown=1:2 --chmod=700 f /x/"],
    files: { f: "f" },
  },
  {
    name: "add a tar where a link leads away",
    dockerfile: ["FROM busybox:parity", "RUN mkdir /real && ln -s /real /to", "ADD a.tar /to", "ADD a.tar /to/"],
    files: { "a.tar": tar("none", { a: "a", "d/b": "b" }) },
  },
  {
    name: "copy a tar keeps it packed",
    dockerfile: ["FROM scratch", "COPY a.txt.gz /x/"],
    files: {
      "a.txt.gz": file(Buffer.from("1f8b0800000000000003", "hex"), 0o644),
    },
  },
];
