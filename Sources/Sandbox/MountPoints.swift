import LinuxSystem

/// What a step left where something was mounted.
package enum MountPoints {
    /// Removes files and directories that were created to mount on, if they are still empty.
    ///
    /// `created` is `StepResult.createdMountPoints`; `root` is the directory that the step changed: the upper
    /// directory of its overlay or its plain root. What the step put in the place of a mount point or of a parent is
    /// left alone, and no symbolic link is followed (CVE-2024-23652). A directory keeps its time when a mount point
    /// in it is removed.
    package static func remove(_ created: [Path], from root: borrowing Directory) throws(SandboxError) {
        // Children first.
        for path in created.reversed() {
            do throws(SystemError) {
                try remove(path.relative, from: root)
            } catch  where error.isNotFound || error.code == loop || error.code == notEmpty {
                continue
            } catch {
                throw .mountPointNotRemoved(error)
            }
        }
    }

    // ELOOP: a parent is a symbolic link now. ENOTEMPTY: the directory is in use.
    private static let loop: Int32 = 40
    private static let notEmpty: Int32 = 39

    private static func remove(_ path: Path, from root: borrowing Directory) throws(SystemError) {
        guard let name = path.lastComponent else { return }
        let parent = try root.openDirectory(path.parent, .noSymlinks)
        let status = try parent.status(name, followSymlink: false)
        let time = try parent.descriptor.status().modified
        switch status.kind {
        case .directory: try parent.removeDirectory(name)
        case .regular where status.size == 0: try parent.remove(name)
        default: return
        }
        try parent.descriptor.setTimes(modified: time)
    }
}
