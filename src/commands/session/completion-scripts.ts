/** The shells' completion scripts: each asks `berth complete` for the candidates of the word under the cursor. Pure. */
import { EngineError } from "../../../engine/errors.ts";

const bash = `# bash completion for berth: source this file.
_berth() {
  local line words
  words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(berth complete -- "\${words[@]}" 2>/dev/null)
  # Readline splits words at ':' and '=': give back only what comes after the last one.
  local current="\${COMP_WORDS[COMP_CWORD]}"
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$current"; fi
}
complete -F _berth berth
`;

const zsh = `#compdef berth
# zsh completion for berth: put this on $fpath as _berth, or source it after compinit.
_berth() {
  local -a candidates
  candidates=("\${(@f)$(berth complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(\${candidates:#})
  compadd -Q -- "\${candidates[@]}"
}
compdef _berth berth
`;

const fish = `# fish completion for berth.
function __berth_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    berth complete -- $words[2..-1] "$current" 2>/dev/null
end
complete -c berth -f -a '(__berth_complete)'
`;

const scripts: Record<string, string> = { bash, zsh, fish };

/** @throws EngineError `usage` for an unknown shell */
export function completionScript(shell: string): string {
  const script = scripts[shell];
  if (script !== undefined) return script;
  throw new EngineError("usage", `no completion for "${shell}": bash, zsh and fish are known`, { exit: 1 });
}
