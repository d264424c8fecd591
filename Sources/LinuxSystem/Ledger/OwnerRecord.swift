import CLinux

/// Whose a file is said to be where the kernel knows one id only, and what device a placeholder stands for.
///
/// It is kept as text in an extended attribute of the file: `1000:50`, or `0:6:b:8:1` for a device.
package struct OwnerRecord: Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    package var device: Device?

    /// A device that an empty file stands for.
    package struct Device: Hashable, Sendable {
        /// null, zero, full, random, urandom, tty: nobody is harmed by who can open them.
        private static let harmless: Set<Device> = Set(
            [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0)].map { Device(isBlock: false, major: $0.0, minor: $0.1) }
        )

        package var isBlock: Bool
        package var major: UInt32
        package var minor: UInt32

        package init(isBlock: Bool, major: UInt32, minor: UInt32) {
            self.isBlock = isBlock
            self.major = major
            self.minor = minor
        }

        /// Whether a real one may be made where a step can open it.
        var isHarmless: Bool { Self.harmless.contains(self) }
    }

    package init(uid: UInt32 = 0, gid: UInt32 = 0, device: Device? = nil) {
        self.uid = uid
        self.gid = gid
        self.device = device
    }

    /// The name of the attribute.
    package static let attribute: Path = "user.swbuild.owner"

    static let attributeName = "user.swbuild.owner"

    /// Longer than any record.
    package static let maximumSize = 64

    /// What a file without a record has: root's.
    package var isDefault: Bool { self == OwnerRecord() }

    /// The attribute's value.
    package var bytes: [UInt8] {
        let owner = "\(uid):\(gid)"
        guard let device else { return Array(owner.utf8) }
        return Array("\(owner):\(device.isBlock ? "b" : "c"):\(device.major):\(device.minor)".utf8)
    }

    /// Reads the attribute's value; `nil` if it is no record.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        guard let uid = Self.number(&rest), Self.skip(":", &rest), let gid = Self.number(&rest) else { return nil }
        self.init(uid: uid, gid: gid)
        if rest.isEmpty { return }
        guard Self.skip(":", &rest), let kind = rest.popFirst(), kind == UInt8(ascii: "b") || kind == UInt8(ascii: "c"),
            Self.skip(":", &rest), let major = Self.number(&rest), Self.skip(":", &rest),
            let minor = Self.number(&rest), rest.isEmpty
        else { return nil }
        device = Device(isBlock: kind == UInt8(ascii: "b"), major: major, minor: minor)
    }

    private static func skip(_ character: Unicode.Scalar, _ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        rest.popFirst() == UInt8(ascii: character)
    }

    /// A decimal number of 32 bits at the start.
    private static func number(_ rest: inout Slice<UnsafeRawBufferPointer>) -> UInt32? {
        var value: UInt64 = 0
        var count = 0
        while let digit = rest.first, digit >= 48, digit <= 57, count < 10 {
            value = value * 10 + UInt64(digit - 48)
            count += 1
            rest.removeFirst()
        }
        return count == 0 ? nil : UInt32(exactly: value)
    }
}

extension OwnerRecord {
    /// The record of a name (not followed) or, with an empty name, of what the descriptor stands for; `nil` where there
    /// is none.
    package static func read(_ directory: Int32, _ name: UnsafePointer<CChar>) -> OwnerRecord? {
        withUnsafeTemporaryAllocation(byteCount: maximumSize, alignment: 8) { buffer in
            let count = clinux_record_get(directory, name, attributeName, buffer.baseAddress, buffer.count)
            return count > 0 ? OwnerRecord(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : nil
        }
    }

    /// Records this for a name (not followed) or, with an empty name, for what the descriptor stands for: 0 or -errno.
    func write(_ directory: Int32, _ name: UnsafePointer<CChar>) -> Int32 {
        let value = isDefault ? [] : bytes
        return clinux_record_set(directory, name, Self.attributeName, value, value.count)
    }
}

extension FileStatus {
    /// The status as a record says, but for the `owner` where that is real.
    package func applying(_ record: OwnerRecord, owner: Bool = true) -> FileStatus {
        var status = self
        if owner {
            status.uid = record.uid
            status.gid = record.gid
        }
        guard kind == .regular, let device = record.device else { return status }
        status.kind = device.isBlock ? .blockDevice : .characterDevice
        status.size = 0
        status.deviceMajor = device.major
        status.deviceMinor = device.minor
        return status
    }
}
