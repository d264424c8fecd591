import LinuxSystem

/// A mount that a build definition asks for, `RUN --mount`.
package struct RunMount: Hashable, Sendable {
    /// What is mounted.
    package enum Content: Hashable, Sendable {
        /// A directory, file or socket of the builder or layers, or a place inside of them.
        case bind(MountSource, subpath: Path?)
        /// A device file of the builder, which can be opened whatever the rest of the step may.
        case device(Path)
        /// Memory; `size` in bytes, `nil` for no limit but the kernel's.
        case temporary(size: UInt64?)
        /// A file that is never on a disk, such as a secret.
        case file([UInt8], permissions: UInt32, uid: UInt32, gid: UInt32)
    }

    package var target: Path
    package var content: Content
    package var readOnly: Bool

    package init(target: Path, content: Content, readOnly: Bool) {
        self.target = target
        self.content = content
        self.readOnly = readOnly
    }

    /// The step of a plan; without `devices`, device files below the mount cannot be opened.
    func step(devices: Bool) -> SandboxStep {
        var attributes: MountAttributes = readOnly ? .readOnly : []
        if !devices { attributes.insert(.noDevices) }
        switch content {
        case .bind(let source, let subpath):
            return .bind(BindMount(source: source, subpath: subpath, target: target, attributes: attributes))
        case .device(let path):
            attributes.subtract(.noDevices)
            attributes.formUnion([.noSetUID, .noExecution])
            return .bind(BindMount(source: .path(path), target: target, attributes: attributes))
        case .temporary(let size):
            return .filesystem(
                FilesystemMount(
                    type: "tmpfs",
                    options: ["mode=1777"] + (size.map { ["size=\($0)"] } ?? []),
                    attributes: attributes.union(.noSetUID),
                    target: target
                )
            )
        case .file(let contents, let permissions, let uid, let gid):
            attributes.formUnion([.noSetUID, .noDevices, .readOnly])
            if permissions & 0o111 == 0 { attributes.insert(.noExecution) }
            return .file(
                FileMount(
                    target: target,
                    contents: contents,
                    permissions: permissions,
                    uid: uid,
                    gid: gid,
                    attributes: attributes
                )
            )
        }
    }
}
