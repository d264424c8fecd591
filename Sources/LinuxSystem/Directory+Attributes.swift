import CLinux
import Glibc

/// An extended attribute.
package struct ExtendedAttribute: Hashable, Comparable, Sendable {
    /// With its namespace: `user.x`, `security.capability`.
    package var name: Path
    package var value: [UInt8]

    package init(name: Path, value: [UInt8]) {
        self.name = name
        self.value = value
    }

    package static func < (left: ExtendedAttribute, right: ExtendedAttribute) -> Bool { left.name < right.name }
}

// Extended attributes. There is no call relative to a descriptor before kernel 6.13, so the parent directory is
// named as `/proc/self/fd/N`, whose last part is then not followed (l*xattr): proc must be mounted.
extension Directory {
    /// The attributes of a name, not followed, sorted by name; empty where the filesystem has none.
    package func extendedAttributes(
        _ path: Path,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) -> [ExtendedAttribute] {
        let names = try read("list attributes of", path, resolution) { file, buffer in
            clinux_llistxattr(file, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard let names else { return [] }
        var attributes: [ExtendedAttribute] = []
        for name in names.split(separator: 0).map({ Path(bytes: Array($0)) }) where name != OwnerRecord.attribute {
            guard let value = try extendedAttribute(path, name: name, resolution) else { continue }
            attributes.append(ExtendedAttribute(name: name, value: value))
        }
        return attributes.sorted()
    }

    /// The value of one attribute of a name, not followed; `nil` where there is none.
    package func extendedAttribute(
        _ path: Path,
        name: Path,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) -> [UInt8]? {
        try read("read attribute of", path, resolution) { file, buffer in
            name.withCString { clinux_lgetxattr(file, $0, buffer.baseAddress, buffer.count) }
        }
    }

    /// Sets one attribute of a name, not followed.
    package func setExtendedAttribute(
        _ path: Path,
        name: Path,
        value: [UInt8],
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) {
        try onProcName("set attribute `\(name)` of", path, resolution) { file in
            name.withCString { clinux_lsetxattr(file, $0, value, value.count) }
        }
    }

    /// Removes one attribute of a name, not followed; a missing one is no error.
    package func removeExtendedAttribute(
        _ path: Path,
        name: Path,
        _ resolution: Resolution = .inRoot
    ) throws(SystemError) {
        try onProcName("remove attribute `\(name)` of", path, resolution) { file in
            let code = name.withCString { clinux_lremovexattr(file, $0) }
            return code == -ENODATA ? 0 : code
        }
    }

    @discardableResult
    private func onProcName<T: SignedInteger>(
        _ operation: String,
        _ path: Path,
        _ resolution: Resolution,
        _ body: (UnsafePointer<CChar>) -> T
    ) throws(SystemError) -> T {
        try onName(operation, path, resolution) { parent, name in
            Path("/proc/self/fd/\(parent)").appending(Path(cString: name)).withCString(body)
        }
    }

    /// Calls with a growing buffer; `nil` where the attribute or the support for it is missing.
    private func read(
        _ operation: String,
        _ path: Path,
        _ resolution: Resolution,
        _ body: (UnsafePointer<CChar>, UnsafeMutableRawBufferPointer) -> Int
    ) throws(SystemError) -> [UInt8]? {
        var size = 256
        while true {
            var buffer = [UInt8](repeating: 0, count: size)
            do throws(SystemError) {
                let count = try onProcName(operation, path, resolution) { file in
                    buffer.withUnsafeMutableBytes { body(file, $0) }
                }
                return Array(buffer[..<count])
            } catch  where error.code == ERANGE && size < 1 << 20 {
                size = size < 1 << 16 ? 1 << 16 : size * 4
            } catch  where error.code == EOPNOTSUPP || error.code == ENODATA {
                return nil
            }
        }
    }
}

extension FileDescriptor {
    /// Copies the attributes that belong to content (file capabilities, and `user.*` without overlayfs's own) to
    /// `other`; those that it refuses are left out, as `cp --preserve=xattr` does without being told to require them.
    package func copyContentAttributes(to other: borrowing FileDescriptor) {
        copyAttributes(to: other, where: Self.isOfContent)
    }

    /// Copies the attributes that are wanted to `other`; those that it refuses are left out.
    package func copyAttributes(to other: borrowing FileDescriptor, where isWanted: (Path) -> Bool) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 16) { list in
            let count = clinux_flistxattr(raw, list.baseAddress, list.count)
            guard count > 0 else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(list)[..<count])
            for name in bytes.split(separator: 0).map({ Path(bytes: Array($0)) }) where isWanted(name) {
                guard let value = try? extendedAttribute(name: name) else { continue }
                try? other.setExtendedAttribute(name: name, value: value)
            }
        }
    }

    fileprivate static func isOfContent(_ name: Path) -> Bool {
        name == "security.capability"
            || (name.string.hasPrefix("user.") && !name.string.hasPrefix("user.overlay.")
                && name != OwnerRecord.attribute)
    }
}

extension Directory {
    /// The attributes of a name that belong to content, those that ``FileDescriptor/copyContentAttributes(to:)`` copies,
    /// sorted by name.
    package func contentAttributes(_ path: Path) throws(SystemError) -> [ExtendedAttribute] {
        try extendedAttributes(path).filter { FileDescriptor.isOfContent($0.name) }
    }
}

extension FileDescriptor {
    /// Sets one attribute of the open file.
    package func setExtendedAttribute(name: Path, value: [UInt8]) throws(SystemError) {
        _ = try kernelCall("set attribute `\(name)`") {
            name.withCString { clinux_fsetxattr(raw, $0, value, value.count) }
        }
    }

    /// The value of one attribute of the open file; `nil` where there is none.
    package func extendedAttribute(name: Path) throws(SystemError) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        do throws(SystemError) {
            let count = try kernelCall("read attribute `\(name)`") {
                name.withCString { clinux_fgetxattr(raw, $0, &buffer, buffer.count) }
            }
            return Array(buffer[..<count])
        } catch  where error.code == EOPNOTSUPP || error.code == ENODATA {
            return nil
        }
    }
}
