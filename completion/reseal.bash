# shellcheck shell=bash
# Completion for reseal-provision, reseal-pub, reseal-sub, reseal-sim, reseal-codec and reseal-vectors. It asks --help of the program
# itself, so it knows the commands and options of the version that is installed.

# What --help lists: an option a line, or a command a line.
_reseal_options() {
    awk '/^  +-/ { for (i = 1; i <= NF && $i ~ /^-/; ++i) { sub(/[{].*/, "", $i); gsub(/,/, "\n", $i); print $i } }'
}
_reseal_commands() {
    awk '/^[A-Za-z]/ { listed = tolower($0) ~ /^subcommands:/; next } listed && /^  [a-z]/ { print $1 }'
}

_reseal() {
    local current=$2 help known='' commands word at
    local line=("$1")
    help=$("$1" --help 2>/dev/null)
    for ((at = 1; at < COMP_CWORD; ++at)); do
        word=${COMP_WORDS[at]}
        commands=$(_reseal_commands <<<"$help")
        if [[ $'\n'$commands$'\n' == *$'\n'"$word"$'\n'* ]]; then
            known+=$help$'\n'
            line+=("$word")
            help=$("${line[@]}" --help 2>/dev/null)
        fi
    done
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_reseal_options <<<"$known$help")" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$(_reseal_commands <<<"$help")" -- "$current")
    fi
}
complete -o default -F _reseal reseal-provision reseal-pub reseal-sub reseal-sim reseal-codec reseal-vectors
