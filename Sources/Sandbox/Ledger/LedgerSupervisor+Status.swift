import Glibc
import LinuxSystem

// stat(2) and access(2).
extension LedgerSupervisor {
    /// Answers with the recorded owner and device where there is a record; the kernel answers otherwise.
    mutating func status(
        _ call: SystemCall,
        _ place: CallPlace,
        _ buffer: Int,
        _ layout: SupervisedCall.StatusLayout
    ) throws(SystemError) -> SystemCallAnswer {
        // The most frequent of all calls, with nothing to open.
        if ledger.isEmpty, passing.isEmpty, try call.isAboutDescriptor(place),
            call.process.record(ofDescriptor: call.directory(of: place)) == nil
        {
            return .proceed
        }
        let file: FileDescriptor
        do throws(SystemError) {
            file = try call.open(place)
        } catch {
            return .proceed
        }
        guard let record = try record(of: file, call.process) else { return .proceed }
        return try call.giveStatus(of: file, record, buffer, layout) ? .value(0) : .proceed
    }

    /// Whether the permission bits let a user do something; root may do what the kernel says.
    mutating func access(
        _ call: SystemCall,
        _ place: CallPlace,
        _ mode: Int
    ) throws(SystemError) -> SystemCallAnswer {
        let caller = try credentials.credentials(of: call.process)
        let wanted = call.number(mode) & 7
        guard !caller.may(.dacOverride), wanted != 0 else { return .proceed }
        let file: FileDescriptor
        do throws(SystemError) {
            file = try call.open(place)
        } catch {
            return .proceed
        }
        let status = try recordedStatus(of: file, call.process)
        // A device or a file system that is not the step's own: the kernel knows.
        guard status.kind == .regular || status.kind == .directory else { return .proceed }
        guard caller.mayAccess(permissions: status.permissions, uid: status.uid, gid: status.gid, mode: wanted) else {
            return .failure(EACCES)
        }
        return .proceed
    }
}
