/** The description of the session's language: what `berth help repl` prints. Its examples are run by a test. */

const statements = `The language:

  One statement per line, or several separated by ';'. A backslash continues a line, # begins a comment. Words are
  quoted as in a shell: 'literal', "with $variables", \\c. There are no globs and no command substitutions.
  All of a script is resolved before its first line runs: commands, flags and their values, counts of arguments,
  variables, functions, terminals, and the files that it sources. 'berth repl --check FILE' does only that.

Command lines
  COMMAND ARG…                  Any berth command line; a leading 'berth' or 'docker' may stay. A failure or a status other than 0
                                ends a script, with file:line:column of the word that is wrong.
  ! PROGRAM ARG…                A program of this host, without a shell: ! sh -c '…' for one.
  COMMAND | PROGRAM ARG…        Give what it prints to a program of this host; more may follow. The status is that of the
                                last one that failed; a program has not that ends as the one behind it read enough (SIGPIPE).
  COMMAND | FILTER              Results as rows; filters and programs may follow each other.
    where .FIELD OP VALUE [and|or …]   the rows of which it is true; see Conditions
    sort .FIELD [desc]  first [N]  count   in order; the first ones; how many there are
    table [.FIELD…]  json [.FIELD]   as a table; as a line of JSON each
    lines  words                  what is printed, by lines, or by words
  COMMAND > FILE   >> FILE      Write what it prints to a file, or at its end.
  COMMAND < FILE   <<END        Its standard input: a file, or the lines up to END. <<-END drops tabs at their beginning,
                                <<'END' leaves $ alone. Each joint stands between blanks.
  print TEXT…                   Print a line.
  http METHOD URL [status N] [body TEXT] [header NAME TEXT]… [with NAME VALUE]… [send TEXT] [within TIME]
                                Ask a server (GET, HEAD, POST, PUT, PATCH, DELETE), with headers and a body to send. Fail
                                unless the answer comes in time (10s) and is as said; TEXT may be /REGEX/. It gives Status,
                                Headers and, as text, the body. 'expect 10s http …' asks again until it is so.
  logs CONTAINER… until TEXT [or TEXT]… [TIMEOUT]
                                Show a log until a text, or /REGEX/, stands in it. $match, $matched and $before are bound
                                as by the expect of a terminal.
  sleep DURATION                Wait: 500ms, 2s, 1m30s.
  wait CONTAINER healthy|running|stopped|removed|port:NUMBER [TIMEOUT]
                                Wait until it is so: as long as it takes, or else for the time. It fails at once where it
                                cannot become so. Without a condition, wait is the command. A variable that holds what
                                compose up gave stands for all containers of its project.

Variables
  let NAME = COMMAND…           Bind the result of a command. What it prints is bound, not shown.
  let NAME = list WORD…         Bind a list; a list among its words gives its items.
  let NAME := TEXT…             Bind a text, or, of a variable alone, its value.
  $NAME  \${NAME.path[0].x}      A variable, or a field of it. As text: what the command printed, else the id or name of
                                what it made. A field that the result does not have is read from the live object that
                                its id names, so \${id.State.Running} is always current. A list that stands alone and
                                unquoted is a word for each item. \${LIST.length} counts. A value is never split at
                                blanks, nor read again: a name with quotes, $ or line ends stays what it is.
  $((NAME * 2 + 1))             Arithmetic: + - * / // % and parentheses, // without a fraction. Whole numbers are exact,
                                however large.
  $1 $2 …  $args                The script's arguments, and the list of them. 'berth repl -v NAME=VALUE' binds others.
  $env.NAME                     The environment. A name that the script never binds is the environment's, too.
  $?  $_                        The status and the result of the last command.
  vars                          List the variables.

Conditions
  expect [TIMEOUT] CHECK        Fail unless CHECK is true. With a timeout such as 5s it is tried again, whenever
                                something happens and every 100 ms, until it is true. CHECK is one of
    COMMAND… .path OP VALUE       compare a field of the result: == != < <= > >= contains matches in.
                                Numbers compare by value, other texts by their characters. in: a list, or texts joined by commas.
    COMMAND… OP VALUE             compare what the command prints
    \${NAME.path} OP VALUE         compare a variable
    COMMAND… "text"               the output contains the text
    status N COMMAND…             the command ends with status N
    fails ["text"] COMMAND…       the command fails, with an error that contains the text
    COMMAND…                      the command succeeds
    not CHECK                     CHECK is false
    CHECK and CHECK  CHECK or CHECK   both, or one of them; 'and' binds closer
  assert CHECK [else TEXT…]     Fail unless CHECK is true now, with a text of your own.
  if [TIMEOUT] CHECK { … } else if CHECK { … } else { … }
  while CHECK { … }
  for NAME in WORD… { … }       Each word in turn; 1..5 counts, $LIST gives its items, $RESULT the lines that a command
                                printed, $TEXT the words that it was written as.
  for NAME in (COMMAND…) { … }  Each row that a command gives: for c in (ps -a) { print \${c.Id} }
  repeat N [every TIME] STATEMENT   Run a statement, or { … }, N times.
  watch [TIME] STATEMENT        Run it every 2s, or TIME, until Ctrl-C.
  break  continue               Leave the loop; go on with its next turn.

Functions, failures, time
  func NAME(A, B) { … }         Called as a command: NAME x y. What it binds is its own; it reads the script's variables.
  return [WORD…]  return (COMMAND…)   What 'let x = NAME …' binds: a value, or what a command gives.
  defer STATEMENT               Run it, or { … }, when the block or script around ends, whatever ends it: a failure,
                                exit, Ctrl-C, SIGTERM, SIGHUP. The last one first.
  try { … } catch [NAME] { … }  Go on after a failure. $NAME is its message; .code .status .hint .file .line .column
  timeout TIME STATEMENT        Fail when it takes longer.
  retry N [every TIME] STATEMENT   Try until it goes well, N times at most.
  parallel [N] { … }            Run the statements of a block side by side, N at a time. All end before one fails it;
                                all failures are told. Its lets bind, $_ is the list of results.
  parallel [N] for NAME in … { … }   The turns of a loop side by side; what they bind is their own.

Terminals
  spawn @NAME COMMAND…          Run an interactive command (run -it, exec -it, attach) on a terminal of its own.
  send @NAME TEXT…              Type into it; \\r \\n \\t \\e \\xHH and ^C are keys, \\\\ and \\^ themselves, in what is
                                written, not in variables. sendline types Return after it. 'send echo [TIMEOUT] @NAME TEXT…'
                                waits (10s) until the terminal has shown it, and sendline types Return only then.
  expect [TIMEOUT] @NAME TEXT [or TEXT]…   Wait (10s unless said otherwise) until it writes a text, or matches /REGEX/.
                                $match is what was matched, $matched which of them (1, 2, …), $before what came before;
                                '/port (?<port>\\d+)/' binds $port. A pattern with blanks or backslashes is quoted.
  expect [TIMEOUT] @NAME { TEXT [or TEXT]… { … } eof { … } timeout { … } }
                                Run the block of what comes first: a text, its end, or neither in time.
  expect [TIMEOUT] screen @NAME [row N] OP TEXT   What a person would see: all of it, or a row. 'screen @NAME file FILE'
                                compares with a file, which 'berth repl --update' makes.
  expect [TIMEOUT] @NAME closed [== STATUS]   Wait until it ends.
  screen @NAME                  Print what it wrote that no expectation has consumed.
  interact @NAME                Give it to the person at the real terminal, until Ctrl-].
  resize @NAME 120x40           Change the size of its terminal.
  close @NAME                   Hang up.

The session
  source FILE                   Run the statements of a file here: from the current directory, or else from beside the script.
  set echo|timing|stop|json|pager on|off   Print lines before they run; print how long statements took; stop a script at its
                                first failure (on unless said otherwise); print a line of JSON for each statement; at the
                                prompt, show results that are larger than the screen in a pager (on unless said otherwise).
  record FILE   record off      Keep the statements that succeed in a file, which is a script: ids that later lines name become
                                variables, what is done at a terminal send and expect. What a line printed stands below it
                                as #> comments, which 'berth replay FILE' compares. Secrets are kept out of it and of the
                                history: passwords, and values of names such as TOKEN are read from $env.
  use HOST                      The commands that follow are for the engine of another host: an address (ssh://me@build), a
                                context, local for this machine's own, default for that which the session began with.
  on HOST STATEMENT             Only this statement, or { … }: parallel for h in web1 web2 { on $h ps }
  cd DIRECTORY                  Change the directory that relative paths start from.
  exit [STATUS]                 End the session.

Exit statuses: 0; 1 a command failed, or the own status of what was run by run, exec or !, where that ended the script
(126: it cannot be executed, 127: it is not there); 2 syntax or usage; 3 an expectation or assertion failed; 4 a timeout;
130 interrupted, 128 + N ended by another signal.

A script may begin with #!/usr/bin/env -S berth repl. At the prompt Tab completes, Ctrl-R searches the history (kept in
$XDG_STATE_HOME/berth/history; lines that begin with a blank are not), Right takes the hint behind the cursor, Alt-Return
begins another line, Ctrl-C cancels what runs and leaves containers that were there before running, Ctrl-D leaves. 'history'
tells how lines went; \\? lists the commands of the prompt: \\timing, \\watch and more.
`;

/** Scripts that the help shows. */
export const languageExamples: readonly { title: string; script: string }[] = [
  {
    title: "start, wait, look, type",
    script: `let id = run -d --name web busybox sh -c 'while :; do echo tick; sleep 1; done'
expect 5s inspect web .State.Running == true
expect 5s logs web "tick"
spawn @sh exec -it web sh
expect @sh "/ #"
sendline @sh "exit 3"
expect @sh closed == 3
rm -f $id`,
  },
  {
    title: "loops, conditions, programs of the host",
    script: `for n in 1..3 { run -d --name worker$n busybox sleep 60 }
let all = ps -q --filter name=worker
for id in $all {
  if inspect $id .State.Running == true { print "\${id.Name} runs" } else { start $id }
}
ps --format '{{.Names}}' | sort > names.txt
expect ! cat names.txt "worker2"
rm -f $all`,
  },
  {
    title: "standard input, and either of two answers",
    script: `let text := berth
run -i --rm busybox tr a-z A-Z <<END
hello $text
END
spawn @ask run -it --rm busybox sh -c 'echo "Continue? [y/n]"; read x; echo "got $x"'
if 5s @ask "[y/n]" or "password:" {
  if $matched == 1 { sendline @ask y }
}
expect @ask "got y"
expect @ask closed == 0`,
  },
];

const indent = (text: string) =>
  text
    .split("\n")
    .map((line) => `  ${line}\n`)
    .join("");

export const languageHelp = `${statements}${languageExamples.map(({ title, script }) => `\nExample: ${title}\n\n${indent(script)}`).join("")}`;
