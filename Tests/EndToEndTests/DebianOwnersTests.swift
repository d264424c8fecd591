import Testing

/// What maintainer scripts and administrators do with users, groups and capabilities.
@Suite(.enabled(if: Machine.isRoot, Machine.needsRoot))
struct DebianOwnersTests {
    private static let script = """
        set -e
        useradd -m -G mail bob; passwd -d bob >/dev/null; groupadd -g 4321 team; usermod -aG team bob
        install -d -o bob -g team -m 2775 /srv/team; install -o bob -m 640 /etc/hostname /srv/team/host
        touch /srv/team/of-root; su bob -c 'cp /srv/team/host /srv/team/of-bob; mkdir /srv/team/d; id; echo > ~/.rc'
        setpriv --reuid=bob --regid=team --init-groups sh -c 'id; touch /srv/team/by-setpriv'
        cp /bin/true /raw; setcap cap_net_raw+ep /raw; getcap /raw
        chgrp mail /raw; test -z "$(getcap /raw)"; setcap cap_chown+ep /raw
        cp -p /usr/bin/passwd /own; chown bob /own; chmod 4755 /own
        perl -e '$> = 1000; print "as $>\\n"; $> = 0; print "as $>\\n"; $< = $> = 1000; $> = 0; print "still $>\\n"'
        tar -cf - -C / srv home/bob | tar -xf - -C /opt; ls -lanR /opt /srv
        """

    @Test("users, groups, set-id bits and capabilities are the same for everybody")
    func sameImage() throws {
        let results = try Account.allCases.map { account in
            let project = try Project(
                """
                FROM \(try BaseImages.debian.get())
                RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin
                COPY script /script
                RUN sh /script
                """,
                ["script": Self.script],
                as: account
            )
            let outcome = try project.build("-o", "type=oci,dest=app.tar")
            return (entries: try LayoutView(archive: project.path("app.tar")).entries(layer: 3), outcome: outcome)
        }
        for result in results {
            #expect(result.entries == results[0].entries, "\(result.outcome)")
            #expect(result.outcome.errors.contains("gid=4321(team)"), "\(result.outcome)")
            #expect(result.outcome.errors.contains("still 1000"), "\(result.outcome)")
            #expect(!result.outcome.errors.contains("setpriv: "), "\(result.outcome)")
        }
        #expect(results[0].entries.contains("-rw-r----- 1000/4321 srv/team/of-bob"), "\(results[0].entries)")
    }
}
