/// The shells that completion is written for.
public enum Shell: String, CaseIterable, Sendable { case bash, zsh }

extension Shell {
    /// A script that teaches the shell to complete `program`. It asks the program itself for every word, so that it
    /// never falls behind it.
    public func completionScript(for program: String) -> String {
        let template = self == .bash ? Self.bashTemplate : Self.zshTemplate
        let function = "_" + String(program.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        return template.substituting("@function@", function).substituting("@program@", program)
    }

    // bash(1), "Programmable Completion": bash splits the line at the characters of COMP_WORDBREAKS, '=' and ':' among
    // them, and replaces only the piece after the last of them. The words are joined again as the line has them, and
    // what stands before the last piece is taken off the candidates.
    private static let bashTemplate = #"""
        # bash completion for @program@. To load it now:        source <(@program@ completion bash)
        # For every shell to come:  @program@ completion bash > ~/.local/share/bash-completion/completions/@program@
        @function@() {
            local line=${COMP_LINE:0:COMP_POINT} piece='' before='' program=${COMP_WORDS[0]}
            local -a words=()
            local i
            for ((i = 0; i <= COMP_CWORD; i++)); do
                piece=${COMP_WORDS[i]}
                if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
                    line=${line#"${line%%[![:space:]]*}"}
                    before=''
                    ((i == COMP_CWORD)) && piece=$line
                    words+=("$piece")
                else
                    before=${words[${#words[@]} - 1]}
                    ((i == COMP_CWORD)) && piece=$line
                    words[${#words[@]} - 1]=$before$piece
                fi
                line=${line#"$piece"}
            done
            # At '--output=' the piece is the '=' itself, and what follows it is still to come.
            if [[ -n $piece && -z ${piece//[=:]/} ]]; then before=$before$piece; fi

            local -a asked=("${words[@]:1}")
            for i in "${!asked[@]}"; do
                asked[i]=${asked[i]//[\\\"\']/}
            done
            program=${program/#\~/$HOME}
            COMPREPLY=()
            local answer directive=none partial=${piece//[\\\"\']/}
            [[ $partial == [=:] ]] && partial=''
            while IFS= read -r answer; do
                if [[ $answer == :* ]]; then
                    directive=${answer#:}
                else
                    answer=${answer%%$'\t'*}
                    printf -v answer '%q' "${answer#"$before"}"
                    COMPREPLY+=("$answer")
                fi
            done < <("$program" __complete "${asked[@]}" 2>/dev/null)
            case $directive in
                files)
                    compopt -o filenames 2>/dev/null
                    while IFS= read -r answer; do COMPREPLY+=("$answer"); done < <(compgen -f -- "$partial")
                    ;;
                directories)
                    compopt -o filenames 2>/dev/null
                    while IFS= read -r answer; do COMPREPLY+=("$answer"); done < <(compgen -d -- "$partial")
                    ;;
            esac
        }
        complete -o nosort -F @function@ @program@

        """#

    // zshcompsys(1). The script works sourced, and as a file `_@program@` in a folder of $fpath, where zsh runs it as
    // the body of the function.
    private static let zshTemplate = #"""
        #compdef @program@
        # zsh completion for @program@. To load it now:         source <(@program@ completion zsh)
        # For every shell to come:      @program@ completion zsh > "${fpath[1]}/_@program@"
        @function@() {
            local -a values shown asked
            local answer directive=none value
            local -i longest=0
            asked=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
            for answer in "${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${asked[@]}" 2>/dev/null)}"; do
                if [[ $answer == :* ]]; then
                    directive=${answer#:}
                elif [[ -n $answer ]]; then
                    value=${answer%%$'\t'*}
                    values+=("$value")
                    shown+=("$answer")
                    (( ${#value} > longest )) && longest=${#value}
                fi
            done
            local -i i
            for ((i = 1; i <= $#shown; i++)); do
                if [[ $shown[i] == *$'\t'* ]]; then
                    shown[i]="${(r:longest:)values[i]}  -- ${shown[i]#*$'\t'}"
                fi
            done
            case $directive in
                files) compset -P '--*='; _files ;;
                directories) compset -P '--*='; _files -/ ;;
                *) (( $#values )) && compadd -l -d shown -a values ;;
            esac
        }
        if [[ $funcstack[1] == @function@ ]]; then
            @function@ "$@"
        else
            (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
            compdef @function@ @program@
        fi

        """#
}

extension String {
    fileprivate func substituting(_ mark: String, _ text: String) -> String {
        split(separator: mark, omittingEmptySubsequences: false).joined(separator: text)
    }
}

/// `apollo completion SHELL`, the same in every program, and answered by ``Program`` itself.
enum CompletionCommand {
    static let shell = Parameter.argument(
        .choice(Shell.self, "SHELL"), help: "The shell to write for.")

    static func command(for program: String) -> Command {
        Command(
            "completion", summary: "Print a script that teaches the shell to complete commands",
            discussion: """
                Once it is loaded, Tab completes commands, options and their values, and asks the platform for names \
                where it needs them.

                For every shell to come, put the line of the example into ~/.bashrc, or ~/.zshrc with 'zsh' in it.
                """,
            parameters: [shell],
            examples: [
                Example("Load it into the bash at hand", "source <(\(program) completion bash)"),
                Example("Load it into the zsh at hand", "source <(\(program) completion zsh)"),
            ],
            action: nil)
    }
}
