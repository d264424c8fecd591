import Testing

/// What all rungs promise: the same inputs give the same image, to the byte.
@Suite(.serialized, .enabled(if: Machine.isRoot, Machine.needsRoot)) struct MatrixTests {
    /// Debian, and what people do to it.
    ///
    /// Packages with users, set-id programs and capabilities of their own, accounts, devices, hard links, deletions,
    /// another user, copies between stages. What would tell the hour or is random is taken away.
    private static func dockerfile() throws -> String {
        """
        FROM \(try BaseImages.debian.get()) AS base
        ARG SOURCE_DATE_EPOCH
        RUN apt-get update \\
            && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends dbus libcap2-bin \\
            && setcap cap_net_bind_service+ep /usr/sbin/capsh \\
            && useradd --create-home --groups mail app \\
            && adduser --system --group --home /srv/daemon daemon2 \\
            && install -o app -g mail -m 2750 -d /srv/app && install -o daemon2 -m 4755 /bin/true /srv/app/true \\
            && ln -s true /srv/app/link && chown -h app:app /srv/app/link && ln /srv/app/true /srv/app/hard \\
            && mknod /srv/app/disk b 8 1 && mknod -m 600 /srv/app/console c 5 1 && chgrp disk /srv/app/disk \\
            && mkfifo /srv/app/pipe && chmod 620 /srv/app/pipe && chown app:tty /srv/app/pipe \\
            && tar -C /srv/app -cf - . | tar -C /mnt --numeric-owner -xpf - \\
            && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /var/lib/dbus/machine-id /etc/machine-id /tmp/*
        USER app
        WORKDIR /srv/app
        RUN id -un > user && id -Gn >> user && stat -c '%U:%G %a' . true >> user && mkdir made && rm hard
        FROM base AS last
        USER root
        COPY --from=base --chown=daemon2:mail /srv/app/user /etc/
        COPY --from=base /srv/app /copy
        RUN rm -rf /srv/app/made && chown -R app /copy/made && stat -c '%u:%g %a %n' /copy/* > /listing
        """
    }

    /// Where a Debian image fits and steps can run.
    private static let places = Place.withSteps.filter { $0 != .smallDisk && $0 != .caller }

    private struct Image {
        var digest: String
        var layers: [[String]]
    }

    private static let expected = Result { try image(in: .caller) }

    @Test("a Debian build gives root's manifest in every place", arguments: places)
    func debian(place: Place) throws {
        try place.require()
        let (image, expected) = (try Self.image(in: place), try Self.expected.get())
        for (layer, other) in zip(image.layers, expected.layers) {
            // Not the lists as they are: their difference is what there is to know.
            #expect(Set(layer).symmetricDifference(other).sorted() == [])
        }
        #expect(image.digest == expected.digest)
    }

    private static func image(in place: Place) throws -> Image {
        let project = try Project(try dockerfile(), in: place)
        try project.build(
            "-o",
            "type=oci,dest=image.tar,rewrite-timestamp=true",
            environment: ["SOURCE_DATE_EPOCH": "1700000000"]
        )
        let view = try LayoutView(archive: project.path("image.tar"))
        let count = Int(try view.manifest(".layers | length")) ?? 0
        return Image(
            digest: try view.index(".manifests[0].digest"),
            layers: try (0..<count).map { try view.entries(layer: $0) }
        )
    }
}
