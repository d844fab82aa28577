/** Cases of COPY: where things go, and whose they are. */
import { directory, file, hard, link, type ParityCase } from "./case.ts";

const tree = { "src/a.txt": "a\n", "src/b.md": "b\n", "src/sub/c.txt": "c\n" };

export const copyCases: readonly ParityCase[] = [
  {
    name: "copy a file to a new name",
    dockerfile: ["FROM scratch", "COPY src/a.txt /x"],
    files: tree,
  },
  {
    name: "copy a file into a directory by its closing slash",
    dockerfile: ["FROM scratch", "COPY src/a.txt /x/"],
    files: tree,
  },
  {
    name: "copy a file into new directories",
    dockerfile: ["FROM scratch", "COPY src/a.txt /x/y/z/w.txt"],
    files: tree,
  },
  {
    name: "copy a file into an existing directory without a slash",
    dockerfile: ["FROM busybox:parity", "COPY src/a.txt /tmp"],
    files: tree,
  },
  {
    name: "copy a directory's contents",
    dockerfile: ["FROM scratch", "COPY src /x"],
    files: tree,
  },
  {
    name: "copy a directory with a slash at both ends",
    dockerfile: ["FROM scratch", "COPY src/ /x/"],
    files: tree,
  },
  {
    name: "copy two directories into one",
    dockerfile: ["FROM scratch", "COPY src other /x/"],
    files: { ...tree, "other/a.txt": "other\n", "other/d": "d" },
  },
  {
    name: "copy the whole context",
    dockerfile: ["FROM scratch", "COPY . /x/"],
    files: tree,
  },
  {
    name: "copy to the root",
    dockerfile: ["FROM scratch", "COPY src /"],
    files: tree,
  },
  {
    name: "copy to the working directory",
    dockerfile: ["FROM scratch", "WORKDIR /w", "COPY src/a.txt .", "COPY src/b.md sub/", "COPY src ./deep/er"],
    files: tree,
  },
  {
    name: "copy with dots in both paths",
    dockerfile: ["FROM scratch", "WORKDIR /w/v", "COPY ./src/../src/./a.txt ../x/./y"],
    files: tree,
  },
  {
    name: "copy out of the context stops at its root",
    dockerfile: ["FROM scratch", "COPY ../../src/a.txt /x"],
    files: tree,
  },
  {
    name: "copy several files",
    dockerfile: ["FROM scratch", "COPY src/a.txt src/b.md /x/"],
    files: tree,
  },
  {
    name: "copy several files to one name: the last one stays",
    dockerfile: ["FROM scratch", "COPY src/a.txt src/b.md /x"],
    files: tree,
  },
  {
    name: "copy a missing file is refused",
    dockerfile: ["FROM scratch", "COPY nothing /x"],
    files: tree,
  },
  {
    name: "copy a glob of files",
    dockerfile: ["FROM scratch", "COPY src/*.txt /x/"],
    files: tree,
  },
  {
    name: "copy a glob of one file to a name",
    dockerfile: ["FROM scratch", "COPY src/*.md /x"],
    files: tree,
  },
  {
    name: "copy a glob that matches a directory",
    dockerfile: ["FROM scratch", "COPY s* /x/"],
    files: tree,
  },
  {
    name: "copy a glob in the middle",
    dockerfile: ["FROM scratch", "COPY d*/f? /x/"],
    files: { "d1/f1": "1", "d2/f2": "2", "d3/g": "3" },
  },
  {
    name: "copy a glob with a class",
    dockerfile: ["FROM scratch", "COPY [ab][^1] /x/"],
    files: { a1: "", a2: "2", b3: "3", c4: "" },
  },
  {
    name: "copy a glob with an escape",
    dockerfile: ["FROM scratch", "COPY a[[]0].txt /x/"],
    files: { "a[0].txt": "bracket", "a0.txt": "plain" },
  },
  {
    name: "copy names with spaces",
    dockerfile: ["FROM scratch", 'COPY ["a b", "c d/", "/x y/"]'],
    files: { "a b": "1", "c d/e f": "2" },
  },
  {
    name: "copy keeps modes",
    dockerfile: ["FROM scratch", "COPY m /m"],
    files: {
      "m/": directory(0o700),
      "m/x": file("x", 0o755),
      "m/s": file("s", 0o4711),
      "m/r": file("r", 0o400),
      "m/t/": directory(0o1777),
    },
  },
  {
    name: "copy keeps symlinks in a directory",
    dockerfile: ["FROM scratch", "COPY l /l"],
    files: {
      "l/up": link("../.."),
      "l/abs": link("/etc/passwd"),
      "l/to": link("file"),
      "l/file": "f",
      "l/broken": link("nowhere"),
    },
  },
  {
    name: "copy follows a symlink that is the source",
    dockerfile: ["FROM scratch", "COPY to /x"],
    files: { to: link("src/a.txt"), ...tree },
  },
  {
    name: "copy follows a symlink to a directory",
    dockerfile: ["FROM scratch", "COPY to /x"],
    files: { to: link("src"), ...tree },
  },
  {
    name: "copy follows a symlink on the way",
    dockerfile: ["FROM scratch", "COPY to/sub/c.txt /x/"],
    files: { to: link("src"), ...tree },
  },
  {
    name: "copy a symlink by a glob",
    dockerfile: ["FROM scratch", "COPY to* /x/"],
    files: { to: link("src/a.txt"), ...tree },
  },
  {
    name: "copy an absolute symlink stays in the context",
    dockerfile: ["FROM scratch", "COPY to /x"],
    files: { to: link("/src/a.txt"), ...tree },
  },
  {
    name: "copy a broken symlink is refused",
    dockerfile: ["FROM scratch", "COPY to /x"],
    files: { to: link("nowhere") },
  },
  {
    name: "copy keeps hard links",
    dockerfile: ["FROM scratch", "COPY h /h"],
    files: { "h/a": "same\n", "h/b": hard("h/a"), "h/sub/c": hard("h/a") },
  },
  {
    name: "copy two hard-linked files",
    dockerfile: ["FROM scratch", "COPY a b /h/"],
    files: { a: "same\n", b: hard("a") },
  },
  {
    name: "copy keeps extended attributes",
    dockerfile: ["FROM scratch", "COPY f d /x/", "COPY d /y"],
    files: {
      f: { content: "f", xattr: ["user.note", "kept"] },
      "d/g": { content: "g", xattr: ["user.other", "too"] },
    },
  },
  {
    name: "copy keeps file capabilities",
    dockerfile: ["FROM scratch AS one", "COPY f /f", "FROM scratch", "COPY --from=one /f /g", "COPY --from=one / /all"],
    files: {
      f: {
        content: "f",
        mode: 0o755,
        xattr: [
          "security.capability",
          "\u0001\u0000\u0000\u0002\u0000\u0020\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000",
        ],
      },
    },
  },
  {
    name: "copy over a file",
    dockerfile: ["FROM scratch", "COPY src/a.txt /x", "COPY src/b.md /x"],
    files: tree,
  },
  {
    name: "copy a file over a directory goes into it",
    dockerfile: ["FROM scratch", "COPY src /x", "COPY src/b.md /x/sub"],
    files: tree,
  },
  {
    name: "copy a directory over a file is refused",
    dockerfile: ["FROM scratch", "COPY src/a.txt /x", "COPY src /x"],
    files: tree,
  },
  {
    name: "copy merges into existing directories",
    dockerfile: ["FROM scratch", "COPY m /x", "COPY src /x"],
    files: {
      ...tree,
      "m/": directory(0o700),
      "m/sub/": directory(0o711),
      "m/sub/old": "o",
    },
  },
  {
    name: "copy a nested file over a directory is refused",
    dockerfile: ["FROM scratch", "COPY src /x", "COPY bad /x"],
    files: { ...tree, "bad/sub": "a file" },
  },
  {
    name: "copy through a symlink to a directory",
    dockerfile: [
      "FROM busybox:parity",
      "RUN mkdir /real && ln -s real /to && ln -s /real /abs",
      "COPY src/a.txt /to/",
      "COPY src/b.md /abs",
      "COPY src/sub /to/deep",
    ],
    files: tree,
  },
  {
    name: "copy onto a symlink to a file",
    dockerfile: ["FROM busybox:parity", "RUN echo old > /real && ln -s real /to", "COPY src/a.txt /to"],
    files: tree,
  },
  {
    name: "copy onto a broken symlink",
    dockerfile: ["FROM busybox:parity", "RUN ln -s /not/there /to", "COPY src/a.txt /to"],
    files: tree,
  },
  {
    name: "copy a directory onto a symlink to one",
    dockerfile: ["FROM busybox:parity", "RUN mkdir /real && ln -s /real /to", "COPY src /to"],
    files: tree,
  },
  {
    name: "copy a directory holding a directory where a symlink is",
    dockerfile: ["FROM busybox:parity", "RUN mkdir -p /x /real && ln -s /real /x/sub", "COPY src /x"],
    files: tree,
  },
  {
    name: "copy a link over a file and back",
    dockerfile: ["FROM scratch", "COPY one /x", "COPY two /x", "COPY one /y", "COPY two /z"],
    files: { "one/f": "f", "two/f": link("elsewhere") },
  },
  {
    name: "copy an empty directory",
    dockerfile: ["FROM scratch", "COPY e /e", "COPY e /f/"],
    files: { "e/": directory(0o750) },
  },
  {
    name: "chown by numbers",
    dockerfile: ["FROM scratch", "COPY --chown=12:34 src /x/y", "COPY --chown=56 src/a.txt /z"],
    files: tree,
  },
  {
    name: "chown by names",
    dockerfile: [
      "FROM busybox:parity",
      "RUN echo 'neo:x:700:701::/:' >> /etc/passwd && echo 'grp:x:702:' >> /etc/group",
      "COPY --chown=neo src /x",
      "COPY --chown=neo:grp src /y",
      "COPY --chown=:grp src/a.txt /z",
      "COPY --chown=700:grp src/a.txt /w",
    ],
    files: tree,
  },
  {
    name: "chown an unknown name",
    dockerfile: ["FROM busybox:parity", "COPY --chown=nobodyknows src /x"],
    files: tree,
  },
  {
    name: "chown into an existing directory",
    dockerfile: ["FROM busybox:parity", "COPY --chown=5:6 src /tmp", "COPY --chown=5:6 src /tmp/new/"],
    files: tree,
  },
  {
    name: "chown from a variable",
    dockerfile: ["FROM scratch", "ARG who=9:8", "COPY --chown=$who src/a.txt /${who}"],
    files: tree,
  },
  {
    name: "chown as root after USER",
    dockerfile: ["FROM busybox:parity", "USER 33", "COPY src/a.txt /x/", "ADD src/b.md /x/"],
    files: tree,
  },
  {
    name: "chmod in octal",
    dockerfile: ["FROM scratch", "COPY --chmod=640 src /x", "COPY --chmod=4755 src/a.txt /y", "COPY --chmod=0777 m /m"],
    files: { ...tree, "m/": directory(0o700), "m/x": "x" },
  },
  {
    name: "chmod and chown",
    dockerfile: ["FROM scratch", "COPY --chown=1:2 --chmod=751 src/a.txt /x/y"],
    files: tree,
  },
  {
    name: "copy from a stage",
    dockerfile: [
      "FROM busybox:parity AS one",
      "RUN mkdir -p /o/p && echo 1 > /o/f && chown 7:8 /o/f && chmod 2750 /o/p && ln -s f /o/l && touch -d @1000000000 /o/f /o/p",
      "FROM scratch",
      "COPY --from=one /o /x",
      "COPY --from=0 o/f /y",
      "COPY --from=one /o/l /z",
      "COPY --from=one --chown=5 /o/p /w",
      "COPY --from=one /o/p /v/",
    ],
  },
  {
    name: "copy from a stage with wildcards",
    dockerfile: [
      "FROM busybox:parity AS one",
      "RUN mkdir -p /o/p && echo 1 > /o/f1 && echo 2 > /o/f2 && echo 3 > /o/p/f3",
      "FROM scratch",
      "COPY --from=one /o/f* /x/",
      "COPY --from=one /o/*/f3 /y/",
    ],
  },
  {
    name: "copy from an image",
    dockerfile: ["FROM scratch", "COPY --from=busybox:parity /bin/busybox /etc/pass* /x/"],
  },
  {
    name: "copy from the stage's own name is an image",
    dockerfile: ["FROM scratch AS one", "COPY --from=one / /x"],
  },
  {
    name: "copy hard links from a stage",
    dockerfile: ["FROM busybox:parity AS one", "RUN mkdir /o && echo 1 > /o/a && ln /o/a /o/b", "FROM scratch", "COPY --from=one /o /x"],
  },
  {
    name: "copy special files from a stage",
    dockerfile: [
      "FROM busybox:parity AS one",
      "RUN mkdir /o && mkfifo /o/pipe && chmod 622 /o/pipe",
      "FROM scratch",
      "COPY --from=one /o /x",
    ],
  },
];
