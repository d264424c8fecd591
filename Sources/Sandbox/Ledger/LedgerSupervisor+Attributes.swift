import Glibc
import LinuxSystem

// Extended attributes: the records stay hidden, and access lists become what layers can hold of them.
extension LedgerSupervisor {
    mutating func setAttribute(
        _ call: SystemCall,
        _ place: CallPlace,
        _ name: Int
    ) throws(SystemError) -> SystemCallAnswer {
        let attribute = try call.process.path(call[name])
        // Copied along by `cp -a` and the like: the copy's owner is what chown says.
        if attribute == OwnerRecord.attribute { return .value(0) }
        if attribute == "system.posix_acl_default" { return .value(0) }
        guard attribute == "system.posix_acl_access" else { return .proceed }
        let file = try call.open(place)
        let size = Int(clamping: call[name + 2])
        guard size <= 1 << 16 else { return .failure(E2BIG) }
        let list = try call.process.bytes(call[name + 1], count: size)
        // An entry names ids that the kernel does not have here; what it means for the mode stays.
        let permissions = try file.status().permissions
        guard let changed = AccessList.permissions(list, of: permissions) else { return .failure(EINVAL) }
        if changed != permissions { try file.setPermissionsOfPlace(changed) }
        return .value(0)
    }

    func removeAttribute(_ call: SystemCall, _ name: Int) throws(SystemError) -> SystemCallAnswer {
        let attribute = try call.process.path(call[name])
        return attribute == OwnerRecord.attribute ? .failure(ENODATA) : .proceed
    }

    /// Lists the names without that of the record, if the file has one.
    func listAttributes(
        _ call: SystemCall,
        _ place: CallPlace,
        _ list: Int
    ) throws(SystemError) -> SystemCallAnswer {
        let file: FileDescriptor
        do throws(SystemError) {
            file = try call.open(place)
        } catch {
            return .proceed
        }
        guard OwnerRecord.read(file.raw, "") != nil else { return .proceed }
        let attributes = try Directory.attributes(of: file)
        var names: [UInt8] = []
        for attribute in attributes { names += attribute.bytes + [0] }
        let room = call[list + 1]
        if room == 0 { return .value(Int64(names.count)) }
        guard room >= UInt64(names.count) else { return .failure(ERANGE) }
        if !names.isEmpty { try call.process.write(call[list], names) }
        return .value(Int64(names.count))
    }
}

/// The value of `system.posix_acl_access` (linux/posix_acl_xattr.h).
enum AccessList {
    /// The permissions that a list gives to a file; `nil` if it is none.
    static func permissions(_ list: [UInt8], of permissions: UInt32) -> UInt32? {
        guard list.count >= 4, list.count % 8 == 4, list[0...3].elementsEqual([2, 0, 0, 0]) else { return nil }
        var result = permissions
        var hasMask = false
        for entry in stride(from: 4, to: list.count, by: 8) {
            let bits = UInt32(list[entry + 2]) & 7
            switch list[entry] {
            case 0x01: result = result & ~0o700 | bits << 6
            // With a mask the group's bits are the mask's.
            case 0x04 where !hasMask: result = result & ~0o070 | bits << 3
            case 0x10:
                result = result & ~0o070 | bits << 3
                hasMask = true
            case 0x20: result = result & ~0o007 | bits
            default: continue
            }
        }
        return result
    }
}
