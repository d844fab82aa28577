/** The shells' completion scripts: each asks `berth complete` for the candidates of the word under the cursor. Pure. */
import { EngineError } from "../../../engine/errors.ts";

const bash = `# bash completion for berth: source this file.
_berth() {
  local line typed kept words
  # The line itself, as COMP_WORDS is split at ':' and '=' too.
  read -ra words <<<"\${COMP_LINE:0:COMP_POINT}"
  [[ \${COMP_LINE:COMP_POINT-1:1} == [[:space:]] ]] && words+=("")
  typed=\${words[\${#words[@]}-1]}
  # Readline replaces what follows the last ':' or '='.
  kept=\${typed%"\${typed##*[:=]}"}
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("\${line#"$kept"}"); done < <(berth complete -- "\${words[@]:1}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]]; then compopt -o nospace; fi
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
