#!/bin/bash

__swbuild_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__swbuild_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__swbuild_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__swbuild_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_swbuild() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __swbuild_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    build|why|history|du|prune|cache|doctor|help)
        # Offer subcommand argument completions
        "_swbuild_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'build why history du prune cache doctor help' -- "${cur}"))
        ;;
    esac
}

_swbuild_build() {
    repeating_flags=()
    non_repeating_flags=(--push --check --no-cache --quiet -q --version -h --help)
    repeating_options=(--build-arg --build-context --platform --label -o --output -t --tag --no-cache-filter --cache-from --cache-to --cache-mount-from --cache-mount-to --add-host --ulimit --secret --ssh --allow)
    non_repeating_options=(-f --file --target --iidfile --metadata-file --call --cache-max-size --network --isolation --shm-size --cgroup-parent --ca-certificates --progress)
    __swbuild_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '-f'|'--file')
        __swbuild_add_completions -f
        return
        ;;
    '--target')
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion build -- --target "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    '--build-arg')
        return
        ;;
    '--build-context')
        return
        ;;
    '--platform')
        __swbuild_add_completions -W 'linux/amd64'$'\n''linux/arm64'$'\n''linux/arm/v7'$'\n''linux/386'$'\n''linux/ppc64le'$'\n''linux/riscv64'$'\n''linux/s390x'
        return
        ;;
    '--label')
        return
        ;;
    '-o'|'--output')
        __swbuild_add_completions -d
        return
        ;;
    '-t'|'--tag')
        return
        ;;
    '--iidfile')
        __swbuild_add_completions -f
        return
        ;;
    '--metadata-file')
        __swbuild_add_completions -f
        return
        ;;
    '--call')
        __swbuild_add_completions -W 'build'$'\n''check'$'\n''check,format=json'$'\n''check,format=sarif'$'\n''outline'$'\n''outline,format=json'$'\n''targets'$'\n''targets,format=json'$'\n''subrequests.describe'
        return
        ;;
    '--no-cache-filter')
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion build -- --no-cache-filter "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    '--cache-from')
        return
        ;;
    '--cache-to')
        return
        ;;
    '--cache-max-size')
        return
        ;;
    '--cache-mount-from')
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion build -- --cache-mount-from "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    '--cache-mount-to')
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion build -- --cache-mount-to "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    '--network')
        __swbuild_add_completions -W 'default'$'\n''none'$'\n''host'
        return
        ;;
    '--isolation')
        __swbuild_add_completions -W 'auto'$'\n''userns'$'\n''single'$'\n''chroot'
        return
        ;;
    '--add-host')
        return
        ;;
    '--shm-size')
        return
        ;;
    '--ulimit')
        return
        ;;
    '--cgroup-parent')
        return
        ;;
    '--secret')
        return
        ;;
    '--ssh')
        return
        ;;
    '--ca-certificates')
        __swbuild_add_completions -f
        return
        ;;
    '--allow')
        __swbuild_add_completions -W 'network.host'$'\n''security.insecure'$'\n''device'
        return
        ;;
    '--progress')
        __swbuild_add_completions -W 'auto'$'\n''plain'$'\n''tty'$'\n''quiet'$'\n''none'$'\n''rawjson'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swbuild_add_completions -d
        return
        ;;
    esac
}

_swbuild_why() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --version -h --help)
    repeating_options=()
    non_repeating_options=(--build --format)
    __swbuild_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--build')
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion why -- --build "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    '--format')
        __swbuild_add_completions -W 'pretty'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swbuild_add_completions -d
        return
        ;;
    esac
}

_swbuild_history() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swbuild_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    ls|inspect|logs|rm)
        # Offer subcommand argument completions
        "_swbuild_history_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'ls inspect logs rm' -- "${cur}"))
        ;;
    esac
}

_swbuild_history_ls() {
    repeating_flags=()
    non_repeating_flags=(--quiet -q --no-trunc --version -h --help)
    repeating_options=(--filter)
    non_repeating_options=(--format)
    __swbuild_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--format')
        __swbuild_add_completions -W 'table'$'\n''json'
        return
        ;;
    '--filter')
        __swbuild_add_completions -W 'status=completed'$'\n''status=error'$'\n''status=canceled'$'\n''ref='$'\n''duration>'
        return
        ;;
    esac
}

_swbuild_history_inspect() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--format)
    __swbuild_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--format')
        __swbuild_add_completions -W 'pretty'$'\n''json'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion history inspect -- positional@0 "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_swbuild_history_logs() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--progress)
    __swbuild_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--progress')
        __swbuild_add_completions -W 'plain'$'\n''rawjson'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion history logs -- positional@0 "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_swbuild_history_rm() {
    repeating_flags=()
    non_repeating_flags=(--all --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swbuild_offer_flags_options -1

    # Offer positional completions
    case "${positional_number}" in
    *)
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion history rm -- positional@0 "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_swbuild_du() {
    repeating_flags=()
    non_repeating_flags=(--verbose --version -h --help)
    repeating_options=(--filter)
    non_repeating_options=(--format)
    __swbuild_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--filter')
        return
        ;;
    '--format')
        return
        ;;
    esac
}

_swbuild_prune() {
    repeating_flags=()
    non_repeating_flags=(-a --all -f --force --verbose --version -h --help)
    repeating_options=(--filter)
    non_repeating_options=(--reserved-space --max-used-space --min-free-space)
    __swbuild_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--filter')
        return
        ;;
    '--reserved-space')
        return
        ;;
    '--max-used-space')
        return
        ;;
    '--min-free-space')
        return
        ;;
    esac
}

_swbuild_cache() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swbuild_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    ls|export|import|rm)
        # Offer subcommand argument completions
        "_swbuild_cache_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'ls export import rm' -- "${cur}"))
        ;;
    esac
}

_swbuild_cache_ls() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swbuild_offer_flags_options 0
}

_swbuild_cache_export() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--mount)
    __swbuild_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--mount')
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion cache export -- --mount "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swbuild_add_completions -f
        return
        ;;
    esac
}

_swbuild_cache_import() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--mount)
    __swbuild_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--mount')
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion cache import -- --mount "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __swbuild_add_completions -f
        return
        ;;
    esac
}

_swbuild_cache_rm() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swbuild_offer_flags_options -1

    # Offer positional completions
    case "${positional_number}" in
    *)
        __swbuild_add_completions -W "$(__swbuild_custom_complete ---completion cache rm -- positional@0 "${COMP_CWORD}" "$(__swbuild_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_swbuild_doctor() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __swbuild_offer_flags_options 0
}

_swbuild_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __swbuild_offer_flags_options -1
}

complete -o filenames -F _swbuild swbuild
