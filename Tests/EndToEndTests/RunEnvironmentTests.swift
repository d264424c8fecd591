import Glibc
import Testing

/// What a `RUN` step sees.
@Suite struct RunEnvironmentTests {
    /// Runs one step after `head` and returns what it printed to `/out`.
    private func look(
        _ script: String,
        head: String = "",
        as account: Account = .caller,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> String {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            COPY look.sh /
            \(head)
            RUN . /look.sh > /tmp/out
            FROM scratch
            COPY --from=make /tmp/out /
            """,
            ["look.sh": script + "\n"],
            as: account
        )
        let outcome = try project.command(
            ["--progress=plain", "-o", "out"] + arguments + ["."],
            environment: environment
        ).run()
        try #require(outcome.succeeded, "\(outcome)")
        return try FileTree.text(project.path("out/out"))
    }

    @Test("the command is process 1 of a machine called buildkitsandbox", arguments: Account.available)
    func firstProcess(account: Account) throws {
        #expect(try look("echo $$; hostname; id -u; umask; pwd", as: account) == "1\nbuildkitsandbox\n0\n0022\n/\n")
    }

    @Test("a secret that is no text reaches the step byte for byte, as a variable and as a file")
    func secretBytes() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            RUN --mount=type=secret,id=x,env=X,target=/x printf %s "$X" > /variable && cp /x /file
            FROM scratch
            COPY --from=make /variable /file /
            """
        )
        let bytes: [UInt8] = [0x61, 0xFF, 0xFE, 0x80, 0x0A, 0x62]
        try FileTree.write(project.path("value"), bytes)
        try project.build("--secret", "id=x,src=value", "-o", "out")
        #expect(try FileTree.bytes(project.path("out/variable")) == bytes)
        #expect(try FileTree.bytes(project.path("out/file")) == bytes)
        try Command.shell(
            """
            cd "$1" && export XDG_CACHE_HOME="$2" V="$(printf 'a\\377b')"
            "$3" --no-cache --secret id=x,env=V -o again . 2>/dev/null
            """,
            [project.directory, project.cache, Machine.swbuild]
        )
        #expect(try FileTree.bytes(project.path("again/variable")) == [0x61, 0xFF, 0x62])
        try FileTree.write(project.path("value"), [0x61, 0, 0x62])
        let outcome = try project.fail("--no-cache", "--secret", "id=x,src=value", "-o", "no")
        #expect(
            outcome.errors.contains("secret x cannot be an environment variable: it holds a zero byte"),
            "\(outcome)"
        )
        #expect(outcome.errors.contains("hint: mount it as a file, without `env=`"), "\(outcome)")
    }

    @Test("the environment comes from the image, ENV and ARG alone")
    func environment() throws {
        let seen = try look(
            "env | sort",
            head: "ENV A=1 B=\"x y\"\nARG GIVEN=default\nARG UNSET\nARG OTHER=o",
            ["--build-arg", "GIVEN=yes"],
            environment: ["HOST_SECRET": "leak"]
        )
        let names = Set(seen.split(separator: "\n")).subtracting(["SHLVL=1", "PWD=/", "OLDPWD=/"])
        #expect(names == ["A=1", "B=x y", "BASE=busybox", "GIVEN=yes", "HOME=/root", "OTHER=o", "PATH=/bin"])
    }

    @Test("no descriptor above 2 is open, and standard input is at its end", arguments: Account.available)
    func descriptors(account: Account) throws {
        let project = try Project(
            "FROM \(try BaseImages.busybox.get())\nRUN [\"/bin/ls\", \"/proc/self/fd\"]\nRUN [\"/bin/cat\"]\n",
            as: account
        )
        let outcome = try project.build("-o", "type=cacheonly")
        // `ls` itself holds 3, the directory that it reads.
        let numbers = outcome.errorLines.compactMap { $0.split(separator: " ").last }.compactMap { Int($0) }
        #expect(numbers == [0, 1, 2, 3], "\(outcome)")
    }

    @Test("capabilities are the default set, and gaining privileges stays possible")
    func capabilities() throws {
        let seen = try look("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr -s '\\t ' ' '")
        let expected = """
            CapInh: 0000000000000000
            CapPrm: 00000000a80425fb
            CapEff: 00000000a80425fb
            CapBnd: 00000000a80425fb
            CapAmb: 0000000000000000
            NoNewPrivs: 0
            Seccomp: 2

            """
        #expect(seen == expected)
    }

    @Test(
        "the seccomp profile refuses what it must and answers ENOSYS where programs fall back",
        arguments: Account.available
    )
    func seccomp(account: Account) throws {
        let seen = try look(
            "unshare -U true 2>&1 | sed 's/.*: //'; mount -t tmpfs x /mnt 2>&1 | grep -o 'permission denied'",
            as: account
        )
        #expect(seen == "Operation not permitted\npermission denied\n")
    }

    @Test("`/proc` is masked and partly read-only", arguments: Account.available)
    func maskedPaths(account: Account) throws {
        let seen = try look(
            """
            for name in kcore keys latency_stats sched_debug timer_list; do
                [ ! -e /proc/$name ] || [ -c /proc/$name ] || echo $name readable
            done
            echo 1 2>/dev/null > /proc/sysrq-trigger || echo sysrq read-only
            echo x 2>/dev/null > /proc/sys/kernel/hostname || echo sys read-only
            [ -z "$(ls -A /sys/firmware 2>/dev/null)" ] && echo firmware masked
            """,
            as: account
        )
        #expect(seen == "sysrq read-only\nsys read-only\nfirmware masked\n")
    }

    @Test("`/dev` holds the default devices and they work", arguments: Account.available)
    func devices(account: Account) throws {
        let seen = try look(
            """
            echo x > /dev/null; head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c
            readlink /dev/fd; readlink /dev/stdin; readlink /dev/ptmx
            echo shm > /dev/shm/x; cat /dev/shm/x
            [ -e /dev/kmsg ] || [ -b /dev/vda ] || echo nothing of the host
            """,
            as: account
        )
        #expect(seen == "3\n3\n/proc/self/fd\n/proc/self/fd/0\npts/ptmx\nshm\nnothing of the host\n")
    }

    @Test("hosts and resolv.conf are there, read-only, and leave nothing in the layer", arguments: Account.available)
    func networkFiles(account: Account) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN cat /etc/hosts && grep -c nameserver /etc/resolv.conf && ! (echo x > /etc/hosts) && echo made > /made
            """,
            as: account
        )
        let outcome = try project.build("-o", "type=oci,dest=app.tar")
        #expect(outcome.errors.contains("127.0.0.1\tlocalhost buildkitsandbox"), "\(outcome)")
        let view = try LayoutView(archive: project.path("app.tar"))
        #expect(try view.entries(layer: 1) == ["-rw-r--r-- 0/0 made"])
    }

    @Test(
        "a device that is allowed is one the step can use",
        .enabled(if: Machine.isRoot, Machine.needsRoot),
        arguments: Account.available
    )
    func device(account: Account) throws {
        let kind = "swbuild-\(getpid())-\(account.rawValue).test/zero"
        let file = "/var/run/cdi/\(kind.split(separator: ".")[0]).json"
        try FileTree.write(
            file,
            Array(
                """
                {"cdiVersion": "0.6.0", "kind": "\(kind)", "devices": [{"name": "0", "containerEdits": {
                    "env": ["DEVICE=here"], "deviceNodes": [{"path": "/dev/own", "hostPath": "/dev/zero"}]}}]}
                """.utf8
            )
        )
        defer { unlink(file) }
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN --device=\(kind)=0,required --device=vendor.com/none head -c 7 /dev/own | wc -c && echo device $DEVICE
            RUN ! test -e /dev/own && echo "without $DEVICE."
            """,
            as: account
        )
        for entitlement in ["device", "device=\(kind)", "device=\(kind)=0"] {
            let allowed = ["--allow", entitlement, "--allow", "device=vendor.com/none"]
            let outcome = try project.command(["--progress=plain", "--no-cache"] + allowed + ["."]).run()
            try #require(outcome.succeeded, "\(outcome)")
            for line in [" 7", " device here", " without ."] {
                #expect(outcome.errorLines.contains { $0.hasPrefix("#") && $0.hasSuffix(line) }, "\(outcome)")
            }
        }
        let refused = try project.fail("--allow", "device=vendor.com/none", "-o", "type=cacheonly")
        #expect(refused.errors.contains("device is not allowed"), "\(refused)")
        unlink(file)
        let missing = try project.fail("--no-cache", "--allow", "device", "-o", "type=cacheonly")
        #expect(missing.errors.contains("no device `\(kind)=0` is described in /etc/cdi or /var/run/cdi"), "\(missing)")
    }

    @Test(
        "a step runs below the control group of `--cgroup-parent`, which is removed after it",
        .enabled(if: Machine.isRoot && Machine.hasControlGroups, "needs root and writable control groups")
    )
    func controlGroup() throws {
        let name = "swbuild-test-\(getpid())"
        let hierarchy = FileTree.exists("/sys/fs/cgroup/cgroup.procs") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids"
        let parent = "\(hierarchy)/\(name)"
        try Command.check("mkdir", [parent])
        defer { rmdir(parent) }
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get())
            RUN --mount=type=cache,target=/c echo running$((1+1)); while [ ! -e /c/stop ]; do usleep 20000; done
            """
        )
        var program = try project.command(["--progress=plain", "--cgroup-parent", name, "."]).start()
        try program.wait(for: "running2")
        let groups = try FileTree.listing(parent, conditions: ["-type", "d"])
        #expect(groups.count == 1)
        #expect(try !FileTree.text("\(parent)/\(groups.first ?? "")/cgroup.procs").isEmpty)
        try Command.shell("for volume in \"$1\"/swbuild/mounts/*; do touch $volume/stop; done", [project.cache])
        #expect(try program.finish().succeeded)
        #expect(try FileTree.listing(parent, conditions: ["-type", "d"]).isEmpty)
        // Version 2 makes the parent.
        if hierarchy == "/sys/fs/cgroup" { return }
        let missing = try project.fail("--no-cache", "--cgroup-parent=/../../escape", "-o", "type=cacheonly")
        #expect(missing.errors.contains("cannot put a step below control group"), "\(missing)")
    }

    @Test("`host-gateway` is this machine")
    func hostGateway() throws {
        let seen = try look("grep -e example -e other /etc/hosts", ["--add-host=example:host-gateway,other=[::2]"])
        #expect(seen == "127.0.0.1\texample\n::2\tother\n")
    }

    @Test("`--network=none` leaves the loopback interface alone")
    func noNetwork() throws {
        let seen = try look("ip -o link | cut -d: -f2; ip -o addr show lo | grep -c 127.0.0.1", ["--network=none"])
        #expect(seen == " lo\n1\n")
    }

    @Test("USER takes names and numbers, with groups and home", arguments: Account.available)
    func users(account: Account) throws {
        let tail = "id -u; id -g; id -G; echo $HOME"
        #expect(try look(tail, head: "USER app", as: account) == "1000\n1000\n1000 2000\n/home/app\n")
        // With one id calls are answered, but the kernel knows of no other user.
        if account != .single {
            let capabilities = try look("grep CapEff /proc/self/status | tr -d '\\t'", head: "USER app", as: account)
            #expect(capabilities == "CapEff:0000000000000000\n")
        }
        #expect(try look("id -u; id -g; echo $HOME", head: "USER 77:88", as: account) == "77\n88\n/\n")
    }

    @Test("an unknown USER is named")
    func unknownUser() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nUSER nosuch\nRUN true\n")
        let outcome = try project.fail("-o", "type=cacheonly")
        #expect(outcome.errors.contains("nosuch"), "\(outcome)")
        #expect(outcome.errors.contains("passwd"), "\(outcome)")
    }

    @Test("the JSON form runs without a shell, the shell form with that of SHELL")
    func forms() throws {
        let project = try Project(
            """
            FROM \(try BaseImages.busybox.get()) AS make
            RUN ["/bin/touch", "/$HOME"]
            SHELL ["/bin/sh", "-ec", "echo shell: $0 > /shell; eval \\"$0\\""]
            RUN echo ran > /ran
            FROM scratch
            COPY --from=make /ran /shell /*HOME /
            """
        )
        try project.build("-o", "out")
        #expect(try FileTree.listing(project.path("out")) == ["$HOME", "ran", "shell"])
        #expect(try FileTree.text(project.path("out/shell")) == "shell: echo ran > /ran\n")
    }

    @Test("a setuid program of the image still raises privileges", .enabled(if: Machine.isRoot, Machine.needsRoot))
    func setuid() throws {
        // busybox gives privileges up at once, except in applets such as `su`.
        let head = "RUN sed -i 's/^root:x:/root::/' /etc/passwd && chmod 4755 /bin/busybox\nUSER app"
        #expect(try look("id -u; su -c 'id -u'", head: head) == "1000\n0\n")
    }

    @Test("processes left by a step die with it")
    func leftovers() throws {
        let project = try Project("FROM \(try BaseImages.busybox.get())\nRUN sleep 86395 & echo started\n")
        try project.build("-o", "type=cacheonly")
        #expect(try ProcessTable.withArgument("86395").isEmpty)
    }
}
