# Completion of heddle for bash: installed as share/bash-completion/completions/heddle.
_heddle() {
    local IFS=$'\n' typed=${COMP_WORDS[COMP_CWORD]} line
    local -a words=() found=()
    [ "$typed" != = ] || typed=
    while IFS= read -r line; do
        case $line in
            :files) found+=($(compgen -f -- "$typed")) ;;
            :folders) found+=($(compgen -d -- "$typed")) ;;
            *) words+=("${line%%$'\t'*}") ;;
        esac
    done < <("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$typed" 2>/dev/null)
    COMPREPLY=($(compgen -W "${words[*]-}" -- "$typed") "${found[@]}")
}
complete -o filenames -F _heddle heddle
