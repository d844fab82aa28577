/** Scripts made up by the language's grammar, for properties: every one of them can be read, and ends when it is run. */
import fc from "../../../support/property.ts";

/** Words as they are written, of all ways to write one; `$n`, `$k`, `$t` and `$l` are bound by the first lines of a script. */
const word = fc.oneof(
  fc.constantFrom("a", "b-c", "x.y", "1", "é", "a=b", "a#b", "{a", "}}", "a|b", "-", "1..3", "//"),
  fc.constantFrom("'lit $n'", '"two $t words"', '"${l[0]}"', "a\\ b", "'q'\"uo\"ted", '""', "''", '"\\$n \\" \\\\"', "'a\n  b '", '"\n"'),
  fc.constantFrom("$n", "${n}", "$t", "x$n.y", "$((k * 2 + 1))", "$((7 // (1 + 1)))", "$?", "$env.HOME", "${l.length}", "$HOME"),
);
const some = (of: fc.Arbitrary<string>, most = 3) => fc.array(of, { minLength: 1, maxLength: most }).map((all) => all.join(" "));
const name = fc.constantFrom("n", "t", "u", "v_1");
const time = fc.constantFrom("1ms", "2ms");
const count = fc.constantFrom("1", "2");

const filter = fc.constantFrom(
  ...["where .State == running", "where .Names[0] != x and .Image contains b or .Id == 1", "sort .Created desc", "first 1", "count"],
  ...["table .Id .Names", "json", "json .Id", "lines", "words"],
);
/** Commands that only look. */
const command = fc.oneof(
  fc.constantFrom("ps -aq", "images", "ps --format '{{.ID}}'", "inspect nosuch", "docker volume ls", "container ls -a", "rm nosuch"),
  some(word).map((words) => `print ${words}`),
);
const line = fc
  .tuple(
    command,
    fc.array(fc.oneof(filter, fc.constantFrom("cat", "head -1", "wc -l")), { maxLength: 2 }),
    fc.constantFrom("", " > /dev/null", " >> /dev/null"),
  )
  .map(([first, stages, to]) => [first, ...stages].join(" | ") + to);
const heredoc = fc
  .tuple(fc.constantFrom("E", "'E'", '"E"'), fc.constantFrom("", "text $n\n", "  } \n{ if\n", "\\$x \\\\\n\n", "<<E\n"))
  .map(([mark, text]) => `! cat <<${mark}\n${text}E\n`);

const operator = fc.constantFrom("==", "!=", "<", "<=", ">", ">=", "contains", "in");
const value = fc
  .tuple(fc.constantFrom("ps -aq", "print 1", "${n}", "inspect nosuch .Id", "ps | count"), operator, word)
  .map((all) => all.join(" "));
const check: fc.Arbitrary<string> = fc.oneof(
  value,
  fc.constantFrom(
    "ps -a",
    "status 1 rm nosuch",
    "fails rm nosuch",
    'fails "No such" rm nosuch',
    'ps -a "text"',
    "not ps",
    "print a matches /a/",
  ),
  fc.tuple(value, fc.constantFrom("and", "or"), value).map((all) => all.join(" ")),
);

const comment = fc.constantFrom("", "", "", " # said", " # } {");
/** What stands between statements. */
const between = fc.constantFrom("\n", "\n", "\n\n\n", ";", " ; ", "\n\t# c }\n", "\r\n", "  \n");
const gap = fc.constantFrom(" ", "  ", " \\\n ", "\t");

interface Made {
  statement: string;
  block: string;
  inLoop: string;
}

const { statement } = fc.letrec((tie: fc.LetrecTypedTie<Made>): fc.LetrecValue<Made> => {
  const several = (of: fc.Arbitrary<string>) =>
    fc.tuple(between, fc.array(fc.tuple(of, between), { maxLength: 3 }), fc.constantFrom("", " ", "\n")).map(([first, all, last]) => {
      const lead = first.includes("\n") ? first : " ";
      return `{${lead}${all.map(([each, end]) => each + end).join("")}${all.length === 0 ? " " : last}${" "}}`;
    });
  const block = tie("block");
  const loop = tie("inLoop");
  const simple = fc.oneof(
    fc.tuple(line, comment).map(([first, said]) => first + (said && `${said}\n`)),
    heredoc,
    fc.tuple(name, gap, command).map(([to, space, from]) => `let ${to} =${space}${from}`),
    fc.tuple(name, some(word)).map(([to, words]) => `let ${to} := ${words}`),
    some(word).map((words) => `let l = list ${words}`),
    check.map((each) => `expect ${each}`),
    fc.tuple(time, check).map(([within, each]) => `expect ${within} ${each}`),
    fc.tuple(check, word).map(([each, text]) => `assert ${each} else ${text}`),
    fc.constantFrom(
      "vars",
      "sleep 1ms",
      "set echo off",
      "cd /",
      "f 1 2",
      "let u = f a b",
      "use local",
      "logs nosuch until x 1ms",
      "wait nosuch running 1ms",
    ),
  );
  const compound = fc.oneof(
    fc
      .tuple(check, block, block, fc.nat(2))
      .map(([test, yes, no, kind]) => `if ${test} ${yes}${["", ` else ${no}`, ` else if ps ${no}`][kind]}`),
    fc.tuple(name, some(word), loop).map(([each, words, body]) => `for ${each} in ${words} ${body}`),
    fc
      .tuple(name, fc.constantFrom("ps -a", "print a b | words", "list 1 2"), loop)
      .map(([each, rows, body]) => `for ${each} in (${rows}) ${body}`),
    fc.tuple(count, loop).map(([times, body]) => `repeat ${times} ${body}`),
    fc.tuple(count, time, tie("statement")).map(([times, every, one]) => `repeat ${times} every ${every} ${one}`),
    fc.tuple(block, fc.constantFrom("", "e "), block).map(([body, to, after]) => `try ${body} catch ${to}${after}`),
    fc.oneof(block, tie("statement")).map((body) => `defer ${body}`),
    fc.tuple(fc.constantFrom("1s", "2ms"), fc.oneof(block, tie("statement"))).map(([within, body]) => `timeout ${within} ${body}`),
    fc.tuple(count, block).map(([times, body]) => `retry ${times} every 1ms ${body}`),
    fc.tuple(fc.constantFrom("", "2 "), block).map(([most, body]) => `parallel ${most}${body}`),
    fc.tuple(name, block).map(([each, body]) => `parallel for ${each} in a b ${body}`),
    block.map((body) => `on local ${body}`),
  );
  return {
    statement: fc.oneof({ depthSize: "small", withCrossShrink: true }, simple, compound),
    block: several(tie("statement")),
    inLoop: several(
      fc.oneof(
        { arbitrary: tie("statement"), weight: 4 },
        { arbitrary: fc.constantFrom("break", "continue", "if ps { break }"), weight: 1 },
      ),
    ),
  };
});

const opening = `func f(a, b) { let u := $a; if print $b == 2 { return "$a-$b" }; return (ps -a) }
let n := 1; let k := 3; let t := "two words"; let l = list a "b c"; let rows = ps -a; let u := 0; let v_1 := 0
`;

/** Scripts that can be read. */
export const scripts = fc
  .array(fc.tuple(statement, between), { minLength: 1, maxLength: 5 })
  .map((all) => opening + all.map(([each, end]) => each + end).join(""));

/** Scripts of which a part was lost, doubled or moved: most of them are wrong, none is far from right. */
export const nearScripts = fc
  .tuple(scripts, fc.nat(), fc.nat(), fc.constantFrom("lost", "doubled", "moved"))
  .map(([script, at, to, how]) => {
    const words = script.split(/(\s+)/);
    const [piece = ""] = words.splice(at % words.length, how === "doubled" ? 0 : 1);
    if (how !== "lost") words.splice(to % (words.length + 1), 0, how === "moved" ? piece : words[at % words.length]!, " ");
    return words.join("");
  });
