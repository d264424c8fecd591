# The machine of the benchmark: a file system of its own, a registry, a docker engine; all ended at the end.
# Sourced by `run`.

fail() { printf '%s\n' "benchmark: $*" >&2; exit 1; }

# Processes that this script started, by id.
started=()

prepare_machine() {
    [ "$(id -u)" -eq 0 ] || fail "needs root, to mount a file system and to start dockerd"
    local program
    for program in mkfs.ext4 sqlite3 docker-registry dockerd buildah skopeo curl jq busybox mmdebstrap; do
        command -v "$program" >/dev/null || fail "no $program here; run: .ci/setup benchmark"
    done
    [ -x /usr/bin/time ] || fail "no /usr/bin/time here; run: .ci/setup benchmark"
    docker=/usr/bin/docker
    [ -x "$docker" ] || docker=docker
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/swbuild-benchmark-XXXXXX")
    disk=$work/disk
    run=$work/run
    mkdir "$disk" "$run"
    trap clean_machine EXIT
    trap 'exit 130' INT TERM
    truncate -s "${SIZE:-8G}" "$work/disk.ext4"
    mkfs.ext4 -N 2000000 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$work/disk.ext4"
    mount -o loop,noatime "$work/disk.ext4" "$disk"
}

clean_machine() {
    local status=$? pid
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
    # What the peers left mounted below the directories of this run.
    awk -v work="$work/" 'index($2, work) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r mount; do
        umount -l "$mount" || true
    done
    rm -rf --one-file-system "$work"
    exit "$status"
}

# Waits until a command succeeds, a minute at most.
await() {
    local n
    for n in $(seq 600); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    fail "not ready after a minute: $*"
}

start_registry() {
    [ -z "${registry:-}" ] || return 0
    cat >"$run/registry.yml" <<END
version: 0.1
log: {accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:0"}
END
    docker-registry serve "$run/registry.yml" >"$run/registry.log" 2>&1 &
    started+=($!)
    await grep -q 'listening on' "$run/registry.log"
    registry=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$run/registry.log")
}

start_docker() {
    [ -z "${docker_started:-}" ] || return 0
    dockerd --iptables=false --bridge=none --storage-driver overlay2 --data-root "$disk/docker" \
        --exec-root "$run/docker" --pidfile "$run/docker.pid" -H "unix://$run/docker.sock" >"$run/docker.log" 2>&1 &
    started+=($!)
    docker_started=yes
    await "$docker" -H "unix://$run/docker.sock" version || fail "$(tail -n 5 "$run/docker.log")"
}

# Empties the page cache, so that every run of a long row reads from the disk.
cold() { sync; echo 3 >/proc/sys/vm/drop_caches; }
