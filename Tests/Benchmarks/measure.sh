# Times, peak memory, medians and the table. Sourced by `run`.

# Runs a command $2 times and notes how long each took and the largest resident set of any of its processes. The
# command may be one of the functions of `run`. A command that fails ends the benchmark.
times() {
    local name=$1 count=$2 n start end
    shift 2
    for n in $(seq "$count"); do
        start=$EPOCHREALTIME
        "$@" >"$run/output" 2>"$run/errors" || fail "failed: $*: $(tail -n 20 "$run/errors")"
        end=$EPOCHREALTIME
        echo $((${end/./} - ${start/./})) >>"$run/$name.times"
    done
}

# The median of a file of microseconds.
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# The time of one step: the difference of two medians, divided.
per_step() {
    echo "$(median "$run/$1.times") $(median "$run/$2.times") $3" | awk '{ print ($1 - $2) / $3 }' >"$run/$4.times"
}

milliseconds() { awk -v t="$1" 'BEGIN { printf(t < 1e3 ? "%.3f ms" : t < 1e5 ? "%.1f ms" : "%.0f ms", t / 1000) }'; }

heading() {
    printf '| %-38s | %10s | %-22s | %10s | %7s | %7s | %-4s |\n' what swbuild peer time ratio "at most" ""
    printf '|%s|%s|%s|%s|%s|%s|%s|\n' "$(printf -- '-%.0s' {1..40})" "$(printf -- '-%.0s' {1..12})" \
        "$(printf -- '-%.0s' {1..24})" "$(printf -- '-%.0s' {1..12})" --------- --------- ------
}

line() { printf '| %-38s | %10s | %-22s | %10s | %7s | %7s | %-4s |\n' "$@"; }

verdict() { awk -v value="$1" -v limit="$2" 'BEGIN { print (value <= limit) ? "yes" : "NO" }'; }

# A row of its own time against a limit such as 40ms.
report() {
    local own
    own=$(median "$run/$2.times")
    line "$1" "$(milliseconds "$own")" "" "" "" "${3/ms/ ms}" \
        "$(verdict "$own" "$(awk -v limit="${3/ms/}" 'BEGIN { print limit * 1000 }')")"
}

# A row beside a peer, with the ratio that is allowed.
compare() {
    local own peer ratio
    own=$(median "$run/$2.times")
    peer=$(median "$run/$4.times")
    ratio=$(awk -v a="$own" -v b="$peer" 'BEGIN { printf "%.3f", a / b }')
    line "$1" "$(milliseconds "$own")" "$3" "$(milliseconds "$peer")" "$ratio" "$5" "$(verdict "$ratio" "$5")"
}

# A row $1 with the largest resident set of the runs that file $2 holds, in MB, and what is allowed if $3 says so.
memory_report() {
    [ -s "$run/$2" ] || return 0
    local kilobytes
    kilobytes=$(sort -n "$run/$2" | tail -n 1)
    if [ $# -lt 3 ]; then
        line "$1" "$((kilobytes / 1000)) MB" "" "" "" "" ""
    else
        line "$1" "$((kilobytes / 1000)) MB" "" "" "" "$3 MB" "$(verdict "$kilobytes" "$(($3 * 1000))")"
    fi
}
