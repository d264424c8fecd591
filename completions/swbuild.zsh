#compdef swbuild

__swbuild_complete() {
    local -ar non_empty_completions=("${@:#(|:*)}")
    local -ar empty_completions=("${(M)@:#(|:*)}")
    _describe -V '' non_empty_completions -- empty_completions -P $'\'\''
}

__swbuild_custom_complete() {
    local -a completions
    completions=("${(@f)"$("${command_name}" "${@}" "${command_line[@]}")"}")
    if [[ "${#completions[@]}" -gt 1 ]]; then
        __swbuild_complete "${completions[@]:0:-1}"
    fi
}

__swbuild_cursor_index_in_current_word() {
    if [[ -z "${QIPREFIX}${IPREFIX}${PREFIX}" ]]; then
        printf 0
    else
        printf %s "${#${(z)LBUFFER}[-1]}"
    fi
}

_swbuild() {
    emulate -RL zsh -G
    setopt extendedglob nullglob numericglobsort
    unsetopt aliases banghist

    local -xr SAP_SHELL=zsh
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(builtin emulate zsh -c 'printf %s "${ZSH_VERSION}"')"
    local -r SAP_SHELL_VERSION

    local context state state_descr line
    local -A opt_args

    local -r command_name="${words[1]}"
    local -ar command_line=("${words[@]}")
    local -ir current_word_index="$((CURRENT - 1))"

    local -i ret=1
    local -ar arg_specs=(
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
        '(-): :->command'
        '(-)*:: :->arg'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0
    case "${state}" in
    command)
        local -ar subcommands=(
            'build:Build from a Dockerfile.'
            'why:Tell why the steps of a build ran, or would run.'
            'history:List, inspect and remove the records of builds.'
            'du:Show what takes space in the cache.'
            'prune:Remove what is in the cache.'
            'cache:List, export, import and remove cache mounts.'
            'doctor:Tell how steps can be kept apart on this machine, what bars better ways, and the remedies.'
            'help:Show subcommand help information.'
        )
        _describe -V subcommand subcommands && ret=0
        ;;
    arg)
        case "${words[1]}" in
        build|why|history|du|prune|cache|doctor|help)
            "_swbuild_${words[1]}" && ret=0
            ;;
        esac
        ;;
    esac

    return "${ret}"
}

_swbuild_build() {
    local -i ret=1
    local -ar ___platform=('linux/amd64' 'linux/arm64' 'linux/arm/v7' 'linux/386' 'linux/ppc64le' 'linux/riscv64' 'linux/s390x')
    local -ar ___call=('build' 'check' 'check,format=json' 'check,format=sarif' 'outline' 'outline,format=json' 'targets' 'targets,format=json' 'subrequests.describe')
    local -ar ___network=('default' 'none' 'host')
    local -ar ___isolation=('auto' 'userns' 'single' 'chroot')
    local -ar ___allow=('network.host' 'security.insecure' 'device')
    local -ar ___progress=('auto' 'plain' 'tty' 'quiet' 'none' 'rawjson')
    local -ar arg_specs=(
        ':context:_files -/'
        '(-f --file)'{-f,--file}'[The Dockerfile\: a path, a URL, or - for stdin (default\: CONTEXT/Dockerfile).]:path:_files'
        '--target[The stage to build (default\: the last).]:stage:{__swbuild_custom_complete ---completion build -- --target "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '*--build-arg[A build argument; NAME alone takes its value from the environment.]:name=value:'
        '*--build-context[A named context\: NAME=DIR, a URL, oci-layout\://DIR or docker-image\://REF.]:name=source:'
        '*--platform[The platform to build for.]:os/arch:{__swbuild_complete "${___platform[@]}"}'
        '*--label[A label for the image.]:key=value:'
        '*'{-o,--output}'[DIR, - (a tar on stdout), or type=local|tar|oci|docker|registry|cacheonly\[,dest=PATH\]\[,key=value…\].]:output:_files -/'
        '*'{-t,--tag}'[The name of the image.]:name\:tag:'
        '--push[The same as -o type=registry.]'
        '--iidfile[Write the image'\''s digest to a file.]:path:_files'
        '--metadata-file[Write what was made, or the answer of --call, to a JSON file.]:path:_files'
        '--check[Check the Dockerfile and build nothing\: the same as --call=check.]'
        '--call[build, check (what the build checks find), outline (arguments, secrets and agents of the target), targets (the stages) or subrequests.describe; with ,format=json, for check also ,format=sarif and ,ignorestatus=true.]:method:{__swbuild_complete "${___call[@]}"}'
        '--no-cache[Run every step, whatever the cache holds.]'
        '*--no-cache-filter[Run the steps of this stage, whatever the cache holds.]:stage:{__swbuild_custom_complete ---completion build -- --no-cache-filter "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '*--cache-from[Also look for results in a cache elsewhere\: `type=registry,ref=IMAGE`, `type=local,src=DIRECTORY`.]:cache:'
        '*--cache-to[Write the results to a cache elsewhere\: `type=registry,ref=IMAGE`, `type=local,dest=DIRECTORY`, `type=inline`; with `mode=max` those of all steps.]:cache:'
        '--cache-max-size[The most that the cache directory may take, such as 20GB or 50% (default\: $SWBUILD_CACHE_MAX_SIZE).]:size:'
        '*--cache-mount-from[Where a step finds the cache mount ID on a machine that has none\: FILE or type=registry,ref=NAME.]:id=source:{__swbuild_custom_complete ---completion build -- --cache-mount-from "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '*--cache-mount-to[Where to keep the cache mount ID after the build, if a step used it\: FILE or type=registry,ref=NAME.]:id=dest:{__swbuild_custom_complete ---completion build -- --cache-mount-to "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '--network[The network of RUN steps\: default, none or host.]:mode:{__swbuild_complete "${___network[@]}"}'
        '--isolation[How steps are kept apart\: auto, userns, single or chroot (default\: $SWBUILD_ISOLATION, else auto).]:mode:{__swbuild_complete "${___isolation[@]}"}'
        '*--add-host[An entry of /etc/hosts; the address host-gateway is this machine'\''s.]:host\:ip:'
        '--shm-size[The size of /dev/shm, as 64m.]:bytes:'
        '*--ulimit[A resource limit, as nofile=1024\:2048.]:type=soft\[\:hard\]:'
        '--cgroup-parent[The control group below which steps run, with its limits.]:path:'
        '*--secret[A secret\: id=ID\[,src=PATH|,env=NAME\].]:secret:'
        '*--ssh[An ssh agent or keys for steps\: default, ID=SOCKET or ID=KEY\[,KEY…\].]:agent:'
        '--ca-certificates[Certificate authorities for steps, kept out of the image\: a PEM file, or host for those of this machine.]:file|host:_files'
        '*--allow[Allow what steps may ask for\: network.host, security.insecure, device or device=NAME.]:entitlement:{__swbuild_complete "${___allow[@]}"}'
        '--progress[The kind of progress output\: auto, plain, tty, quiet, none or rawjson.]:mode:{__swbuild_complete "${___progress[@]}"}'
        '(--quiet -q)'{--quiet,-q}'[No progress; print the image'\''s digest on stdout.]'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_why() {
    local -i ret=1
    local -ar ___format=('pretty' 'json')
    local -ar arg_specs=(
        '--dry-run[Look ahead\: tell what a build with these options would run.]'
        '--build[The build\: an id, the beginning of one, or ^N.]:build:{__swbuild_custom_complete ---completion why -- --build "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '--format[pretty, or json.]:form:{__swbuild_complete "${___format[@]}"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_history() {
    local -i ret=1
    local -ar arg_specs=(
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
        '(-): :->command'
        '(-)*:: :->arg'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0
    case "${state}" in
    command)
        local -ar subcommands=(
            'ls:List build records.'
            'inspect:Show the record of a build.'
            'logs:Show the progress of a build as it was.'
            'rm:Remove build records; results stay in the cache.'
        )
        _describe -V subcommand subcommands && ret=0
        ;;
    arg)
        case "${words[1]}" in
        ls|inspect|logs|rm)
            "_swbuild_history_${words[1]}" && ret=0
            ;;
        esac
        ;;
    esac

    return "${ret}"
}

_swbuild_history_ls() {
    local -i ret=1
    local -ar ___format=('table' 'json')
    local -ar ___filter=('status=completed' 'status=error' 'status=canceled' 'ref=' 'duration>')
    local -ar arg_specs=(
        '--format[table, or json for an object a line.]:form:{__swbuild_complete "${___format[@]}"}'
        '*--filter[Show only builds of which this holds, as status=error.]:condition:{__swbuild_complete "${___filter[@]}"}'
        '(--quiet -q)'{--quiet,-q}'[Show ids only.]'
        '--no-trunc[Do not shorten names.]'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_history_inspect() {
    local -i ret=1
    local -ar ___format=('pretty' 'json')
    local -ar arg_specs=(
        ':build:{__swbuild_custom_complete ---completion history inspect -- positional@0 "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '--format[pretty, or json.]:form:{__swbuild_complete "${___format[@]}"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_history_logs() {
    local -i ret=1
    local -ar ___progress=('plain' 'rawjson')
    local -ar arg_specs=(
        ':build:{__swbuild_custom_complete ---completion history logs -- positional@0 "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '--progress[plain or rawjson.]:mode:{__swbuild_complete "${___progress[@]}"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_history_rm() {
    local -i ret=1
    local -ar arg_specs=(
        '*:build:{__swbuild_custom_complete ---completion history rm -- positional@0 "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '--all[Remove all build records.]'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_du() {
    local -i ret=1
    local -ar arg_specs=(
        '*--filter[Only what matches\: id, parents, description or type with = != or ~=, inuse, mutable, shared, until=24h.]:filter:'
        '--verbose[Show all that is known of each record; the same as --format pretty.]'
        '--format[Show records as table, pretty, json, or a Go template such as '\''table {{.ID}}\\t{{.Size}}'\''.]:format:'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_prune() {
    local -i ret=1
    local -ar arg_specs=(
        '*--filter[Only what matches\: id, parents, description or type with = != or ~=, inuse, mutable, shared, until=24h.]:filter:'
        '(-a --all)'{-a,--all}'[Also remove what the builder keeps for itself, such as indexes of contexts.]'
        '(-f --force)'{-f,--force}'[Do not ask.]'
        '--reserved-space[Keep this much in any case.]:size:'
        '--max-used-space[Let the cache take at most this much.]:size:'
        '--min-free-space[Let at least this much of the disk be free.]:size:'
        '--verbose[Show all that is known of each record that was removed.]'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_cache() {
    local -i ret=1
    local -ar arg_specs=(
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
        '(-): :->command'
        '(-)*:: :->arg'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0
    case "${state}" in
    command)
        local -ar subcommands=(
            'ls:List cache mounts: their size, when they were used and how they are shared.'
            'export:Write a cache mount to a tar file.'
            'import:Make a cache mount of a tar file.'
            'rm:Remove cache mounts.'
        )
        _describe -V subcommand subcommands && ret=0
        ;;
    arg)
        case "${words[1]}" in
        ls|export|import|rm)
            "_swbuild_cache_${words[1]}" && ret=0
            ;;
        esac
        ;;
    esac

    return "${ret}"
}

_swbuild_cache_ls() {
    local -i ret=1
    local -ar arg_specs=(
        '--json[Write one JSON object for each.]'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_cache_export() {
    local -i ret=1
    local -ar arg_specs=(
        '--mount[The id of the cache mount, or the name of its volume.]:id:{__swbuild_custom_complete ---completion cache export -- --mount "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        ':file:_files'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_cache_import() {
    local -i ret=1
    local -ar arg_specs=(
        '--mount[The id of the cache mount, or the name of its volume.]:id:{__swbuild_custom_complete ---completion cache import -- --mount "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        ':file:_files'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_cache_rm() {
    local -i ret=1
    local -ar arg_specs=(
        '*:id:{__swbuild_custom_complete ---completion cache rm -- positional@0 "${current_word_index}" "$(__swbuild_cursor_index_in_current_word)"}'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_doctor() {
    local -i ret=1
    local -ar arg_specs=(
        '--json[Write JSON.]'
        '--version[Show the version.]'
        '(-h --help)'{-h,--help}'[Show help information.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

_swbuild_help() {
    local -i ret=1
    local -ar arg_specs=(
        '*:subcommands:'
        '--version[Show the version.]'
    )
    _arguments -w -s -S : "${arg_specs[@]}" && ret=0

    return "${ret}"
}

if [[ "${funcstack[1]}" = _swbuild ]]; then
    _swbuild "${@}"
else
    compdef _swbuild swbuild
fi
