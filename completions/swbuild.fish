function __swbuild_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __swbuild_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __swbuild_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __swbuild_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __swbuild_parse_tokens -S
    set -l unparsed_tokens (__swbuild_tokens -pc)
    switch $unparsed_tokens[1]
    case 'swbuild'
        __swbuild_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'build'
            __swbuild_parse_subcommand 1 'f/file=' 'target=' 'build-arg=+' 'build-context=+' 'platform=+' 'label=+' 'o/output=+' 't/tag=+' 'push' 'iidfile=' 'metadata-file=' 'check' 'call=' 'no-cache' 'no-cache-filter=+' 'cache-from=+' 'cache-to=+' 'cache-max-size=' 'cache-mount-from=+' 'cache-mount-to=+' 'network=' 'isolation=' 'add-host=+' 'shm-size=' 'ulimit=+' 'cgroup-parent=' 'secret=+' 'ssh=+' 'ca-certificates=' 'allow=+' 'progress=' 'q/quiet' 'version' 'h/help'
        case 'why'
            __swbuild_parse_subcommand 1 'dry-run' 'build=' 'format=' 'version' 'h/help'
        case 'history'
            __swbuild_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'ls'
                __swbuild_parse_subcommand 0 'format=' 'filter=+' 'q/quiet' 'no-trunc' 'version' 'h/help'
            case 'inspect'
                __swbuild_parse_subcommand 1 'format=' 'version' 'h/help'
            case 'logs'
                __swbuild_parse_subcommand 1 'progress=' 'version' 'h/help'
            case 'rm'
                __swbuild_parse_subcommand -r 1 'all' 'version' 'h/help'
            end
        case 'du'
            __swbuild_parse_subcommand 0 'filter=+' 'verbose' 'format=' 'version' 'h/help'
        case 'prune'
            __swbuild_parse_subcommand 0 'filter=+' 'a/all' 'f/force' 'reserved-space=' 'max-used-space=' 'min-free-space=' 'verbose' 'version' 'h/help'
        case 'cache'
            __swbuild_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'ls'
                __swbuild_parse_subcommand 0 'json' 'version' 'h/help'
            case 'export'
                __swbuild_parse_subcommand 1 'mount=' 'version' 'h/help'
            case 'import'
                __swbuild_parse_subcommand 1 'mount=' 'version' 'h/help'
            case 'rm'
                __swbuild_parse_subcommand -r 1 'version' 'h/help'
            end
        case 'doctor'
            __swbuild_parse_subcommand 0 'json' 'version' 'h/help'
        case 'help'
            __swbuild_parse_subcommand -r 1 'version'
        end
    end
end

function __swbuild_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __swbuild_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __swbuild_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __swbuild_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__swbuild_tokens -p)
    if test -z "$(__swbuild_tokens -t)"
        set -l index (count (__swbuild_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'swbuild' -f
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild" -eq 1' -fa 'build' -d 'Build from a Dockerfile.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild" -eq 1' -fa 'why' -d 'Tell why the steps of a build ran, or would run.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild" -eq 1' -fa 'history' -d 'List, inspect and remove the records of builds.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild" -eq 1' -fa 'du' -d 'Show what takes space in the cache.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild" -eq 1' -fa 'prune' -d 'Remove what is in the cache.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild" -eq 1' -fa 'cache' -d 'List, export, import and remove cache mounts.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild" -eq 1' -fa 'doctor' -d 'Tell how steps can be kept apart on this machine, what bars better ways, and the remedies.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild build" -eq 1' -fa '(__swbuild_complete_directories)'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" f file' -s 'f' -l 'file' -d 'The Dockerfile: a path, a URL, or - for stdin (default: CONTEXT/Dockerfile).' -rF
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" target' -l 'target' -d 'The stage to build (default: the last).' -rfka '(__swbuild_custom_completion ---completion build -- --target (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'build-arg' -d 'A build argument; NAME alone takes its value from the environment.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'build-context' -d 'A named context: NAME=DIR, a URL, oci-layout://DIR or docker-image://REF.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'platform' -d 'The platform to build for.' -rfka 'linux/amd64 linux/arm64 linux/arm/v7 linux/386 linux/ppc64le linux/riscv64 linux/s390x'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'label' -d 'A label for the image.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -s 'o' -l 'output' -d 'DIR, - (a tar on stdout), or type=local|tar|oci|docker|registry|cacheonly[,dest=PATH][,key=value…].' -rfa '(__swbuild_complete_directories)'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -s 't' -l 'tag' -d 'The name of the image.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" push' -l 'push' -d 'The same as -o type=registry.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" iidfile' -l 'iidfile' -d 'Write the image\'s digest to a file.' -rF
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" metadata-file' -l 'metadata-file' -d 'Write what was made, or the answer of --call, to a JSON file.' -rF
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" check' -l 'check' -d 'Check the Dockerfile and build nothing: the same as --call=check.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" call' -l 'call' -d 'build, check (what the build checks find), outline (arguments, secrets and agents of the target), targets (the stages) or subrequests.describe; with ,format=json, for check also ,format=sarif and ,ignorestatus=true.' -rfka 'build check check,format=json check,format=sarif outline outline,format=json targets targets,format=json subrequests.describe'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" no-cache' -l 'no-cache' -d 'Run every step, whatever the cache holds.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'no-cache-filter' -d 'Run the steps of this stage, whatever the cache holds.' -rfka '(__swbuild_custom_completion ---completion build -- --no-cache-filter (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'cache-from' -d 'Also look for results in a cache elsewhere: `type=registry,ref=IMAGE`, `type=local,src=DIRECTORY`.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'cache-to' -d 'Write the results to a cache elsewhere: `type=registry,ref=IMAGE`, `type=local,dest=DIRECTORY`, `type=inline`; with `mode=max` those of all steps.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" cache-max-size' -l 'cache-max-size' -d 'The most that the cache directory may take, such as 20GB or 50% (default: $SWBUILD_CACHE_MAX_SIZE).' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'cache-mount-from' -d 'Where a step finds the cache mount ID on a machine that has none: FILE or type=registry,ref=NAME.' -rfka '(__swbuild_custom_completion ---completion build -- --cache-mount-from (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'cache-mount-to' -d 'Where to keep the cache mount ID after the build, if a step used it: FILE or type=registry,ref=NAME.' -rfka '(__swbuild_custom_completion ---completion build -- --cache-mount-to (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" network' -l 'network' -d 'The network of RUN steps: default, none or host.' -rfka 'default none host'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" isolation' -l 'isolation' -d 'How steps are kept apart: auto, userns, single or chroot (default: $SWBUILD_ISOLATION, else auto).' -rfka 'auto userns single chroot'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'add-host' -d 'An entry of /etc/hosts; the address host-gateway is this machine\'s.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" shm-size' -l 'shm-size' -d 'The size of /dev/shm, as 64m.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'ulimit' -d 'A resource limit, as nofile=1024:2048.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" cgroup-parent' -l 'cgroup-parent' -d 'The control group below which steps run, with its limits.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'secret' -d 'A secret: id=ID[,src=PATH|,env=NAME].' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'ssh' -d 'An ssh agent or keys for steps: default, ID=SOCKET or ID=KEY[,KEY…].' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" ca-certificates' -l 'ca-certificates' -d 'Certificate authorities for steps, kept out of the image: a PEM file, or host for those of this machine.' -rF
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build"' -l 'allow' -d 'Allow what steps may ask for: network.host, security.insecure, device or device=NAME.' -rfka 'network.host security.insecure device'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" progress' -l 'progress' -d 'The kind of progress output: auto, plain, tty, quiet, none or rawjson.' -rfka 'auto plain tty quiet none rawjson'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" q quiet' -l 'quiet' -s 'q' -d 'No progress; print the image\'s digest on stdout.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild build" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild why" dry-run' -l 'dry-run' -d 'Look ahead: tell what a build with these options would run.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild why" build' -l 'build' -d 'The build: an id, the beginning of one, or ^N.' -rfka '(__swbuild_custom_completion ---completion why -- --build (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild why" format' -l 'format' -d 'pretty, or json.' -rfka 'pretty json'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild why" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild why" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild history" -eq 1' -fa 'ls' -d 'List build records.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild history" -eq 1' -fa 'inspect' -d 'Show the record of a build.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild history" -eq 1' -fa 'logs' -d 'Show the progress of a build as it was.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild history" -eq 1' -fa 'rm' -d 'Remove build records; results stay in the cache.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history ls" format' -l 'format' -d 'table, or json for an object a line.' -rfka 'table json'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history ls"' -l 'filter' -d 'Show only builds of which this holds, as status=error.' -rfka 'status=completed status=error status=canceled ref= duration>'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history ls" q quiet' -l 'quiet' -s 'q' -d 'Show ids only.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history ls" no-trunc' -l 'no-trunc' -d 'Do not shorten names.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history ls" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history ls" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild history inspect" -eq 1' -fka '(__swbuild_custom_completion ---completion history inspect -- positional@0 (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history inspect" format' -l 'format' -d 'pretty, or json.' -rfka 'pretty json'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history inspect" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history inspect" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild history logs" -eq 1' -fka '(__swbuild_custom_completion ---completion history logs -- positional@0 (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history logs" progress' -l 'progress' -d 'plain or rawjson.' -rfka 'plain rawjson'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history logs" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history logs" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild history rm" -ge 1' -fka '(__swbuild_custom_completion ---completion history rm -- positional@0 (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history rm" all' -l 'all' -d 'Remove all build records.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history rm" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild history rm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild du"' -l 'filter' -d 'Only what matches: id, parents, description or type with = != or ~=, inuse, mutable, shared, until=24h.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild du" verbose' -l 'verbose' -d 'Show all that is known of each record; the same as --format pretty.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild du" format' -l 'format' -d 'Show records as table, pretty, json, or a Go template such as \'table {{.ID}}\\t{{.Size}}\'.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild du" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild du" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune"' -l 'filter' -d 'Only what matches: id, parents, description or type with = != or ~=, inuse, mutable, shared, until=24h.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune" a all' -s 'a' -l 'all' -d 'Also remove what the builder keeps for itself, such as indexes of contexts.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune" f force' -s 'f' -l 'force' -d 'Do not ask.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune" reserved-space' -l 'reserved-space' -d 'Keep this much in any case.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune" max-used-space' -l 'max-used-space' -d 'Let the cache take at most this much.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune" min-free-space' -l 'min-free-space' -d 'Let at least this much of the disk be free.' -rfka ''
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune" verbose' -l 'verbose' -d 'Show all that is known of each record that was removed.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild prune" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild cache" -eq 1' -fa 'ls' -d 'List cache mounts: their size, when they were used and how they are shared.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild cache" -eq 1' -fa 'export' -d 'Write a cache mount to a tar file.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild cache" -eq 1' -fa 'import' -d 'Make a cache mount of a tar file.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild cache" -eq 1' -fa 'rm' -d 'Remove cache mounts.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache ls" json' -l 'json' -d 'Write one JSON object for each.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache ls" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache ls" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache export" mount' -l 'mount' -d 'The id of the cache mount, or the name of its volume.' -rfka '(__swbuild_custom_completion ---completion cache export -- --mount (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild cache export" -eq 1' -F
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache export" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache export" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache import" mount' -l 'mount' -d 'The id of the cache mount, or the name of its volume.' -rfka '(__swbuild_custom_completion ---completion cache import -- --mount (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild cache import" -eq 1' -F
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache import" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache import" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_positional "swbuild cache rm" -ge 1' -fka '(__swbuild_custom_completion ---completion cache rm -- positional@0 (count (__swbuild_tokens -pc)) (__swbuild_tokens -tC))'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache rm" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild cache rm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild doctor" json' -l 'json' -d 'Write JSON.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild doctor" version' -l 'version' -d 'Show the version.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild doctor" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'swbuild' -n '__swbuild_should_offer_completions_for_flags_or_options "swbuild help" version' -l 'version' -d 'Show the version.'
