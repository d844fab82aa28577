/** Cases of .dockerignore: what of the context a build sees. */
import { directory, type ParityCase } from "./case.ts";

const many = {
  "a.txt": "",
  "b.md": "",
  "node_modules/x/y.js": "",
  "src/a.txt": "",
  "src/deep/b.md": "",
  "src/deep/keep.md": "",
  ".git/HEAD": "",
  "tmp/": directory(0o755),
  "#hash": "",
};
const ignoring = (name: string, ...lines: string[]): ParityCase => ({
  name: `dockerignore: ${name}`,
  dockerfile: ["FROM scratch", "COPY . /x"],
  files: { ...many, ".dockerignore": `${lines.join("\n")}\n` },
});

export const ignoreCases: readonly ParityCase[] = [
  ignoring("a name at the top only", "a.txt", "node_modules"),
  ignoring("comments, blank lines and spaces", "# a.txt", "", "  b.md  ", "#hash"),
  ignoring("a name anywhere", "**/*.md"),
  ignoring("an exception", "**/*.md", "!src/deep/keep.md"),
  ignoring("everything but", "*", "!src"),
  ignoring("everything but a file deep inside", "**", "!src/deep/b.md"),
  ignoring("the last rule counts", "!a.txt", "a.txt", "b.md", "!b.md"),
  ignoring("leading slashes and dots", "/a.txt", "./b.md", "src/../node_modules", "tmp/"),
  ignoring("a directory's contents", "src/*", "node_modules/**"),
  ignoring("question marks and classes", "?.txt", "src/dee[a-p]", "[!#]hash"),
  ignoring("the Dockerfile and itself", "Dockerfile", ".dockerignore", ".git"),
  {
    name: "dockerignore: an ignored source is refused",
    dockerfile: ["FROM scratch", "COPY a.txt /x"],
    files: { ...many, ".dockerignore": "a.txt\n" },
  },
  {
    name: "dockerignore: beside the Dockerfile goes first",
    dockerfile: ["FROM scratch", "COPY . /x"],
    flags: ["-f", "{dir}/other"],
    files: {
      ...many,
      other: "FROM scratch\nCOPY . /x\n",
      "other.dockerignore": "src\n",
      ".dockerignore": "*\n",
    },
  },
];
