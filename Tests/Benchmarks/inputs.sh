# What the rows of the benchmark build, pull and copy. Sourced by `run`.

push() { skopeo --insecure-policy copy -q --dest-tls-verify=false "oci:$1:1" "docker://$registry/$2:1"; }

push_busybox() {
    [ -z "${busybox_pushed:-}" ] || return 0
    mkdir -p "$work/busybox/bin"
    cp "$(command -v busybox)" "$work/busybox/bin/busybox"
    "$work/busybox/bin/busybox" --list | grep -vx busybox | while read -r applet; do
        ln -s busybox "$work/busybox/bin/$applet"
    done
    layout "$work/busybox-layout" "$work/busybox"
    push "$work/busybox-layout" busybox
    busybox_pushed=yes
}

# Takes a file into the layout $1 as a blob of media type $3 and prints its descriptor.
blob() {
    local digest size
    digest=$(sha256sum "$2" | cut -d ' ' -f 1)
    size=$(stat -c %s "$2")
    mv "$2" "$1/blobs/sha256/$digest"
    jq -nc --arg type "$3" --arg digest "sha256:$digest" --argjson size "$size" \
        '{mediaType: $type, digest: $digest, size: $size}'
}

# An OCI layout in $1 of an image whose layers are the directories that follow; each is removed once it is packed.
layout() {
    local root=$1 oci=application/vnd.oci.image directory config manifest
    shift
    mkdir -p "$root/blobs/sha256"
    echo '{"imageLayoutVersion":"1.0.0"}' >"$root/oci-layout"
    for directory; do
        tar -C "$directory" --owner=0 --group=0 --sort=name -cf "$root/layer" .
        printf 'sha256:%s\n' "$(sha256sum "$root/layer" | cut -d ' ' -f 1)" >>"$root/diff-ids"
        gzip -n -6 "$root/layer"
        blob "$root" "$root/layer.gz" "$oci.layer.v1.tar+gzip" >>"$root/layers"
        rm -rf "$directory"
    done
    jq -Rn --arg architecture "$(dpkg --print-architecture)" '
        [inputs] as $layers | {
            architecture: $architecture, os: "linux", config: {Env: ["PATH=/bin"]},
            rootfs: {type: "layers", diff_ids: $layers},
            history: [$layers[] | {created: "2024-01-01T00:00:00Z", created_by: "benchmark"}]
        }' "$root/diff-ids" >"$root/config"
    config=$(blob "$root" "$root/config" "$oci.config.v1+json")
    jq -s --argjson config "$config" --arg type "$oci.manifest.v1+json" '
        {schemaVersion: 2, mediaType: $type, config: $config, layers: .}' "$root/layers" >"$root/manifest"
    manifest=$(blob "$root" "$root/manifest" "$oci.manifest.v1+json")
    jq -n --argjson manifest "$manifest" '
        {schemaVersion: 2, manifests: [$manifest + {annotations: {"org.opencontainers.image.ref.name": "1"}}]}
        ' >"$root/index.json"
}

# Twelve steps of every usual kind.
cached_context() {
    mkdir -p "$1/src"
    local n
    for n in $(seq 200); do echo "$n" >"$1/src/file$n"; done
    {
        echo "FROM $registry/busybox:1"
        echo "WORKDIR /src"
        echo "COPY src/file1 ."
        for n in $(seq 5); do echo "RUN echo $n > /step$n"; done
        echo "COPY src ."
        for n in $(seq 6 9); do echo "RUN echo $n > /step$n"; done
    } >"$1/Dockerfile"
}

# $2 steps that do nothing.
steps_context() {
    mkdir -p "$1"
    {
        echo "FROM $registry/busybox:1"
        echo "ENV STEPS=$2"
        local n
        for n in $(seq "$2"); do echo "RUN true"; done
    } >"$1/Dockerfile"
}

# An image of 600 MB in four layers: copies of this machine's own files, so of their usual sizes and kinds.
push_large_image() {
    local part bytes=0
    mkdir -p "$disk/large"
    for part in 1 2 3 4; do
        mkdir -p "$work/large/$part"
        find /usr -xdev -type f -size -40M -printf '%s\t%P\n' | LC_ALL=C sort -t $'\t' -k 2 |
            awk -F '\t' -v part="$part" '
                { total += $1 } total > (part - 1) * 150e6 && total <= part * 150e6 { print $2 }' |
            tar -C /usr -cf - -T - | tar -x -C "$work/large/$part" ||
            fail "cannot copy files of /usr for the large image"
        bytes=$((bytes + $(du -sb "$work/large/$part" | cut -f 1)))
        [ "$part" != 1 ] || install -D "$(command -v busybox)" "$work/large/1/bin/busybox"
    done
    [ "$bytes" -gt 550000000 ] || fail "/usr of this machine holds too little for an image of 600 MB"
    layout "$work/large-layout" "$work/large/"[1-4]
    push "$work/large-layout" large
    rm -rf "$work/large-layout"
    printf 'FROM %s/large:1\nRUN ["/bin/busybox", "true"]\n' "$registry" >"$disk/large/Dockerfile"
    skopeo inspect --tls-verify=false "docker://$registry/large:1" | jq -r '.Layers[]' >"$run/large-layers"
}

# The peer of a pull: the same layers, one after the other.
pull_with_tar() {
    local digest
    while read -r digest; do
        curl -sf "http://$registry/v2/large/blobs/$digest" | gunzip | tar -x -C "$1" || return 1
    done <"$run/large-layers"
}

# A tree of 20,000 files of $2 bytes, 100 in a directory.
tree() {
    mkdir -p "$1/files"
    local directory
    head -c $(($2 * 100)) /dev/urandom >"$work/random"
    for directory in $(seq 200); do
        mkdir "$1/files/$directory"
        (cd "$1/files/$directory" && split -b "$2" -a 2 -d "$work/random" "f$directory-")
    done
    rm "$work/random"
}

# $2 directories of 100 small files, all copied, and three steps.
context_tree() {
    mkdir -p "$1/files"
    local directory
    for directory in $(seq "$2"); do
        mkdir "$1/files/$directory"
        (cd "$1/files/$directory" && for n in {1..100}; do echo "$directory $n" >"f$n"; done)
    done
    {
        echo "FROM $registry/busybox:1"
        echo "COPY . /src"
        for n in 1 2 3; do echo "RUN ls /src | wc -l >/count$n"; done
    } >"$1/Dockerfile"
}

# A Dockerfile of 1,000 lines after the manner of real ones: ten chains of five stages.
language_context() {
    mkdir -p "$1"
    local stage base
    for stage in $(seq 50); do
        base=s$((stage - 1))
        [ $((stage % 5)) != 1 ] || base=scratch
        cat <<-END
			# Stage $stage: what the next ones begin with.
			FROM $base AS s$stage
			ARG VERSION=1.$stage SUFFIX="-r\${VERSION#1.}"
			ENV PREFIX="/opt/\${VERSION:-none}" \\
			    MODE=\${SUFFIX%?}

			WORKDIR \$PREFIX/src
			COPY --chmod=0644 go.mod go.sum ./
			RUN --mount=type=cache,target=/root/.cache,id=cache-\$VERSION \\
			    apt-get update && apt-get install -y --no-install-recommends \\
			        ca-certificates \\
			        git \\
			        make
			COPY --exclude=*.md . .
			RUN <<EOF
			set -e
			make PREFIX="\$PREFIX" MODE="\$MODE" install
			EOF
			LABEL org.example.stage="$stage" org.example.version="\${VERSION//./_}\$SUFFIX"
			CMD ["serve", "--stage=$stage"]
		END
    done >"$1/Dockerfile"
}

# 100,000 empty files in $1 and in $2, and 100 patterns for the first that match none of them.
ignore_contexts() {
    local context directory
    for context; do
        for directory in $(seq 500); do
            mkdir -p "$context/src/pkg$directory/lib"
            (cd "$context/src/pkg$directory/lib" && touch file{1..200}.txt)
        done
        printf 'FROM scratch\nCOPY src /src\n' >"$context/Dockerfile"
    done
    for directory in $(seq 25); do
        printf '%s\n' "**/node_modules$directory" "src/*/build$directory/**" "**/*.tmp$directory" "doc$directory/[a-c]*"
    done >"$1/.dockerignore"
}

# A Debian image, pushed, with package lists and packages: what is measured is installing, not asking mirrors.
push_debian() {
    [ -z "${debian_pushed:-}" ] || return 0
    # The packages are in it, too.
    mmdebstrap --quiet --variant=minbase --skip=cleanup/apt --aptopt='Acquire::Retries "5"' --customize-hook="
        chroot \"\$1\" apt-get install -qq -y --no-install-recommends --download-only $packages >/dev/null
        " bookworm "$work/debian.tar"
    mkdir "$work/debian"
    tar -C "$work/debian" -xf "$work/debian.tar"
    rm "$work/debian.tar"
    layout "$work/debian-layout" "$work/debian"
    push "$work/debian-layout" debian
    debian_pushed=yes
}

# Some thirty packages, with what they depend on: programs, libraries, a system user, set-id programs.
packages="dbus less file bzip2 xz-utils patch make openssh-client sudo"

# A step that installs them; it needs no network.
packages_context() {
    mkdir -p "$1"
    cat >"$1/Dockerfile" <<-END
	FROM $registry/debian:1
	ENV DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
	RUN apt-get install -qq -y --no-install-recommends --no-download $packages >/dev/null
	END
}
