/** Where berth's images are meant to differ from those of the recorded docker, each with its reason. */
export const intended: readonly {
  reason: string;
  cases: RegExp;
  line: RegExp;
}[] = [
  {
    reason: "newer versions of BuildKit write --chown and --chmod into the history",
    cases: /^(chown|chmod|add (a tar )?with chown|copy from a stage$)/,
    line: /^[-+] history: (COPY|ADD) /,
  },
  {
    reason: "newer versions of BuildKit write the start interval, the fourth duration of a health check",
    cases: /^(healthcheck|shell$)/,
    line: /^[-+] history: HEALTHCHECK /,
  },
  {
    reason: "newer versions of BuildKit write the value that an ARG has, not the one that its line gives",
    cases: /^(arg |env shadows an arg|run notes the args)/,
    line: /^[-+] history: ARG /,
  },
  {
    reason: "newer versions of BuildKit write the ARGs of the base stage before a RUN, as they are in its environment",
    cases: /^arg of a base stage goes on$/,
    line: /^[-+] history: RUN /,
  },
  {
    reason: "newer versions of BuildKit apply the set-id bits of --chmod (the recorded one dropped them)",
    cases: /^chmod in octal$/,
    line: /^[-+] file: \+ \/y file 4?755 /,
  },
  {
    reason: "newer versions of BuildKit apply --chmod to the directory that they make of a source (the recorded one left it 0755)",
    cases: /^chmod in octal$/,
    line: /^[-+] file: \+ \/[xm] dir (640|755|777) 0:0$/,
  },
  {
    reason: "newer versions of BuildKit copy named pipes (the recorded one passed them over)",
    cases: /^copy special files from a stage$/,
    line: /^\+ file: \+ \/x\/pipe fifo 622 /,
  },
  {
    reason: "newer versions of BuildKit give what an archive holds to the owner of --chown",
    cases: /^add a tar with chown$/,
    line: /^[-+] file: /,
  },
  {
    reason: "newer versions of BuildKit take away again what was only made to mount on",
    cases: /^run with a (tmpfs|cache|bind|secret)/,
    line: /^- file: \+ \/(t|c|m|m\/\w|x|x\/y|run|run\/secrets(\/\w+)?) (dir|file) 755 0:0/,
  },
  {
    reason: "BuildKit's copies take extended attributes along; the recorded docker lost them on the way into its layers",
    cases: /^copy keeps (extended attributes|file capabilities)$/,
    line: /^[-+] file: \+ \/(x\/f|x\/g|y\/g|all\/f|g) file /,
  },
];

export function isIntended(name: string, line: string): boolean {
  return intended.some((each) => each.cases.test(name) && each.line.test(line));
}
