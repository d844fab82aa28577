/** Word expansion: each form, quoting, escapes, splitting, and which variables were used. */
import { describe, expect, it } from "vitest";
import { expand } from "../../../engine/dockerfile/expand.ts";
import { EngineError } from "../../../engine/errors.ts";

const variables = new Map(
  Object.entries({
    user: "ann",
    path: "/usr/local/lib/libz.so.1",
    empty: "",
    two: "a  b",
    star: "a*b*c",
    long: "aXbXc",
    url: "http://example.org",
    lines: "a\nb",
  }),
);

/** [text, result] */
const table: [string, string][] = [
  ["plain", "plain"],
  ["$user", "ann"],
  ["${user}", "ann"],
  ["$user.x", "ann.x"],
  ["${user}x", "annx"],
  ["$userx", ""],
  ["a$none-b", "a-b"],
  ["$", "$"],
  ["a$ b", "a$ b"],
  ["$.", "$."],
  ["$(id)", "$(id)"],
  ["$1x $@ $$ $0", "x   "],
  // default and alternative
  ["${none:-fallback}", "fallback"],
  ["${empty:-fallback}", "fallback"],
  ["${user:-fallback}", "ann"],
  ["${none-fallback}", "fallback"],
  ["${empty-fallback}", ""],
  ["${user+yes}", "yes"],
  ["${none+yes}", ""],
  ["${empty+yes}", "yes"],
  ["${empty:+yes}", ""],
  ["${user:+yes}", "yes"],
  ["${none:-}", ""],
  ["${none:-$user}", "ann"],
  ["${none:-${other:-${user}}}", "ann"],
  ["${none:-a b}", "a b"],
  ["${none:-'}'}", "}"],
  ["${none:-\\}}", "}"],
  ["${none:-{x}", "{x"],
  ["${aaa}}", "}"],
  // required
  ["${user:?needed}", "ann"],
  ["${user?}", "ann"],
  ["${empty?}", ""],
  // prefix and suffix
  ["${path#*/}", "usr/local/lib/libz.so.1"],
  ["${path##*/}", "libz.so.1"],
  ["${path%/*}", "/usr/local/lib"],
  ["${path%%/*}", ""],
  ["${path%.?}", "/usr/local/lib/libz.so"],
  ["${path%%.*}", "/usr/local/lib/libz"],
  ["${path#nothing}", "/usr/local/lib/libz.so.1"],
  ["${star#a\\*}", "b*c"],
  ["${star##*\\*}", "c"],
  ["${star%\\**}", "a*b"],
  ["${user#?}", "nn"],
  ["${user#}", "ann"],
  ["${user##*}", ""],
  ["${user#*}", "ann"],
  ["${none#x}", ""],
  ["${url#$none}", "http://example.org"],
  ["${url#http:\\/\\/}", "example.org"],
  ["${lines#*b}", "a\nb"],
  // replacement
  ["${long/X/-}", "a-bXc"],
  ["${long//X/-}", "a-b-c"],
  ["${long//X/}", "abc"],
  ["${long/?X/-}", "-bXc"],
  ["${long/*X/-}", "-c"],
  ["${long//[abc]/-}", "aXbXc"],
  ["${path//\\//:}", ":usr:local:lib:libz.so.1"],
  ["${path//\\//\\/}", "\\/usr\\/local\\/lib\\/libz.so.1"],
  ["${url/http:/https:}", "https://example.org"],
  ["${user/$none/x}", "xann"],
  ["${user//$none/x}", "xaxnxnx"],
  ["${user//*/x}", "x"],
  ["${none/a/b}", ""],
  // quotes
  ["'$user'", "$user"],
  ['"$user"', "ann"],
  ['"it\'s $user"', "it's ann"],
  ["'say \"hi\"'", 'say "hi"'],
  ["a'b c'd", "ab cd"],
  ['""', ""],
  ["'a\\b'", "a\\b"],
  ['"a\\b"', "a\\b"],
  ['"a\\"b\\\\c\\$d"', 'a"b\\c$d'],
  // escapes
  ["a\\b", "ab"],
  ["\\$user", "$user"],
  ["\\\\$user", "\\ann"],
  ["a\\ b", "a b"],
  ["\\'", "'"],
  ["end\\", "end"],
  ['"end\\\\"', "end\\"],
  // other writing systems
  ["größe$user", "größeann"],
  ["$größe", ""],
  ["${none:-日本}", "日本"],
  ["😀$user", "😀ann"],
];

describe("expand", () => {
  it.each(table)("%j gives %j", (text, result) => {
    expect(expand(text, variables).word).toBe(result);
  });

  /** [text, part of the message] */
  it.each([
    ["${}", "syntax error: bad substitution"],
    ["${:-x}", "syntax error: bad substitution"],
    ["${{x}}", "syntax error: bad substitution"],
    ["${user", "syntax error: missing '}'"],
    ["${", "syntax error: missing '}'"],
    ["${user:", "syntax error: missing '}'"],
    ["${user:-x", "syntax error: missing '}'"],
    ["${user/x}", "syntax error: missing '/' in ${}"],
    ["${user/x/y", "syntax error: missing '}'"],
    ["${user:=x}", "unsupported modifier (:=) in substitution"],
    ["${user=x}", "unsupported modifier (=) in substitution"],
    ["${user:#x}", "unsupported modifier (:#) in substitution"],
    ["${user^^}", "unsupported modifier (^) in substitution"],
    ["${.}", "unsupported modifier (.) in substitution"],
    ["${none:?say it}", "none: say it"],
    ["${none?}", "none: is not allowed to be unset"],
    ["${none:?}", "none: is not allowed to be unset"],
    ["${empty:?}", "empty: is not allowed to be empty"],
    ["${user#\\a}", "invalid escape '\\a'"],
    ["'open", "looking for matching single-quote"],
    ['"open', "looking for matching double-quote"],
  ])("%j fails with %j", (text, message) => {
    expect(() => expand(text, variables)).toThrow(EngineError);
    expect(() => expand(text, variables)).toThrow(`failed to process ${JSON.stringify(text)}: `);
    expect(() => expand(text, variables)).toThrow(message);
  });

  it.each([
    ["a b", ["a", "b"]],
    ["  a   b  ", ["a", "b"]],
    ["$two", ["a", "b"]],
    ['"$two"', ["a  b"]],
    ["x${two}y", ["xa", "by"]],
    ["a\\ b", ["a b"]],
    ["'a b'c d", ["a bc", "d"]],
    ["", []],
    ['""', []],
    ["$none", []],
    ["8${none:-0}80", ["8080"]],
  ])("splits %j into %j", (text, words) => {
    expect(expand(text, variables).words).toEqual(words);
  });

  it("escapes with the token of the escape directive", () => {
    expect(expand("`$user \\$user", variables, { escape: "`" }).word).toBe("$user \\ann");
    expect(expand('"a`"b"', variables, { escape: "`" }).word).toBe('a"b');
  });

  it("tells which variables had a value and which had none", () => {
    const { matched, unmatched } = expand("$user ${none:-$empty} '$other' ${path##*/}", variables);
    expect([...matched]).toEqual(["user", "empty", "path"]);
    expect([...unmatched]).toEqual(["none"]);
  });

  it("keeps quotes, escapes and unset variables where a caller wants them", () => {
    expect(expand("\"$user\" 'x'", variables, { rawQuotes: true }).word).toBe("\"ann\" 'x'");
    expect(expand('\\$a "\\""', variables, { rawEscapes: true }).word).toBe('\\$a \\"');
    expect(expand("$user $none ${none} ${none:-x} ${none#y} ${none/a/b}", variables, { keepUnset: true }).word).toBe(
      "ann $none ${none} ${none:-x} ${none#y} ${none/a/b}",
    );
  });

  it("takes quotes in a heredoc body for what they are", () => {
    expect(expand('it\'s "$user" \\$user \\n\n', variables, { ignoreQuotes: true }).word).toBe('it\'s "ann" $user n\n');
  });
});
