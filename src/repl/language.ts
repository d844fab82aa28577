/** The description of the session's language: what `berth help repl` prints. */

export const languageHelp = `The language:

  One statement per line, or several separated by ';'. A backslash continues a line, # begins a comment. Words are
  quoted as in a shell: 'literal', "with $variables", \\c. There are no pipes, redirections or command substitutions.

  COMMAND ARG…                  Any berth command line; a leading 'berth' may stay. A failure or a status other than 0
                                ends a script, with file:line:column and the same exit status.
  let NAME = COMMAND…           Bind the result of a command. What it prints is bound, not shown.
  let NAME := TEXT…             Bind a text.
  $NAME  \${NAME.path[0].x}      A variable, or a field of it. As text: what the command printed, else the id or name of
                                what it made. A field that the result does not have is read from the live object that
                                its id names, so \${id.State.Running} is always current. $1 $2 … are the script's
                                arguments; other names fall back to environment variables.
  expect [TIMEOUT] CHECK        Fail unless CHECK is true. With a timeout such as 5s it is tried again, whenever
                                something happens and every 100 ms, until it is true. CHECK is one of
    COMMAND… .path OP VALUE       compare a field of the result: == != < <= > >= contains matches in
    COMMAND… OP VALUE             compare what the command prints
    \${NAME.path} OP VALUE         compare a variable
    COMMAND… "text"               the output contains the text
    status N COMMAND…             the command ends with status N
    fails ["text"] COMMAND…       the command fails, with an error that contains the text
    COMMAND…                      the command succeeds
  spawn @NAME COMMAND…          Run an interactive command (run -it, exec -it, attach) on a terminal of its own.
  send @NAME TEXT…              Type into it; \\r \\n \\t \\e \\xHH and ^C are keys. sendline types Return after it.
  expect [TIMEOUT] @NAME TEXT   Wait (10s unless said otherwise) until it writes the text, or matches /REGEX/; what was
                                matched is bound to $match.
  expect [TIMEOUT] @NAME closed [== STATUS]   Wait until it ends.
  resize @NAME 120x40           Change the size of its terminal.
  close @NAME                   Hang up.
  print TEXT…                   Print a line.
  repeat N STATEMENT            Run a statement N times.
  cd DIRECTORY                  Change the directory that relative paths start from.
  vars                          List the variables.
  exit [STATUS]                 End the session.

Example:

  let id = run -d --name web busybox sh -c 'while :; do echo tick; sleep 1; done'
  expect 5s inspect web .State.Running == true
  expect 5s logs web "tick"
  spawn @sh exec -it web sh
  expect @sh "/ #"
  sendline @sh "exit 3"
  expect @sh closed == 3
  rm -f $id
`;
