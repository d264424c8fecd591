import ArgumentParser

/// What RUN steps see.
struct StepOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The network of RUN steps: default, none or host.", valueName: "mode"),
        completion: .list(["default", "none", "host"])
    )
    var network = "default"

    @Option(
        help: ArgumentHelp(
            "How steps are kept apart: auto, userns, single or chroot (default: $SWBUILD_ISOLATION, else auto).",
            valueName: "mode"
        ),
        completion: .list(IsolationChoice.names)
    )
    var isolation: String?

    @Option(
        help: ArgumentHelp(
            "An entry of /etc/hosts; the address host-gateway is this machine's.",
            valueName: "host:ip"
        )
    )
    var addHost: [String] = []

    @Option(help: ArgumentHelp("The size of /dev/shm, as 64m.", valueName: "bytes"))
    var shmSize: String?

    @Option(help: ArgumentHelp("A resource limit, as nofile=1024:2048.", valueName: "type=soft[:hard]"))
    var ulimit: [String] = []

    @Option(help: ArgumentHelp("The control group below which steps run, with its limits.", valueName: "path"))
    var cgroupParent: String?

    @Option(help: ArgumentHelp("A secret: id=ID[,src=PATH|,env=NAME].", valueName: "secret"))
    var secret: [String] = []

    @Option(
        help: ArgumentHelp("An ssh agent or keys for steps: default, ID=SOCKET or ID=KEY[,KEY…].", valueName: "agent")
    )
    var ssh: [String] = []

    @Option(
        help: ArgumentHelp(
            "Certificate authorities for steps, kept out of the image: a PEM file, or host for those of this machine.",
            valueName: "file|host"
        ),
        completion: .file()
    )
    var caCertificates: String?

    @Option(
        help: ArgumentHelp(
            "Allow what steps may ask for: network.host, security.insecure, device or device=NAME.",
            valueName: "entitlement"
        ),
        completion: .list(["network.host", "security.insecure", "device"])
    )
    var allow: [String] = []
}
