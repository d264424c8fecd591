import Testing

/// What ordinary users can and cannot have.
@Suite(.enabled(if: Machine.isRoot, Machine.needsRoot))
struct PrivilegeTests {
    @Test("with one id there is a warning about owners, and the build goes on")
    func singleID() throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN echo x > /x\n",
            as: .single
        )
        let outcome = try project.build("-o", "out")
        #expect(outcome.errors.contains("WARN: only one id is mapped"), "\(outcome)")
        #expect(outcome.errors.contains("/etc/subuid"), "\(outcome)")
        #expect(try FileTree.text(project.path("out/x")) == "x\n")
    }

    @Test("where user namespaces are refused, one error names what refused")
    func refused() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN echo x > /x\n", as: .single)
        // A user namespace whose own limit is zero refuses every further one, to an ordinary user without capabilities.
        let script = """
            echo 0 > /proc/sys/user/max_user_namespaces
            exec setpriv --inh-caps=-all --ambient-caps=-all -- "$@"
            """
        var command = project.command([])
        command.program = "unshare"
        command.arguments = [
            "--user", "--map-current-user", "--keep-caps", "sh", "-euc", script, "sh", Machine.swbuild, "-o", "out",
            ".",
        ]
        let outcome = try command.run()
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(outcome.errors.contains("`user.max_user_namespaces` is 0"), "\(outcome)")
        #expect(outcome.errors.contains("remedy: as root: `sysctl -w user.max_user_namespaces="), "\(outcome)")
        #expect(outcome.errors.contains("hint: `swbuild doctor`"), "\(outcome)")
        #expect(outcome.errors.split(separator: "\n").filter { $0.hasPrefix("ERROR:") }.count == 1, "\(outcome)")
    }

    @Test("the result of a build is the same for root and for a user with a range")
    func sameImage() throws {
        let digests = try Account.withOwners.map { account in
            let project = try Project(
                """
                FROM \(try BaseImages.busybox.get())
                COPY --chown=app:extra d /d
                RUN mkdir /made && echo x > /made/x && chown -R 12:34 /made && chmod 2750 /made \\
                    && touch -d @1000000000 /made/x /made && rm /etc/group
                """,
                ["d/a": "1"],
                as: account
            )
            try project.shell("touch -d @1000000000 d d/a")
            try project.build("-o", "type=oci,dest=app.tar")
            let view = try LayoutView(archive: project.path("app.tar"))
            return try (1...2).map { try view.entries(layer: $0) }
        }
        #expect(digests[0] == digests[1])
        #expect(digests[0][1].contains("drwxr-s--- 12/34 made/"))
    }
}
