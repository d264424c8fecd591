import Glibc
import LinuxSystem

/// Answers the calls of a step that needs more ids than the kernel has here, from the ledger of its layer.
///
/// Owners and devices are recorded instead of set, and shown where they are read; each process has the ids that it
/// asked for. What a call has to do in the file system is really done, as root's.
package struct LedgerSupervisor: SystemCallHandler {
    let ledger: OwnershipLedger
    /// The layer that is being made.
    let upper: SharedDirectory
    /// Records of what is on other file systems than the root and cannot carry them: for this step only.
    let passing: OwnershipLedger
    var credentials: CredentialTable
    /// Whether the interpreter of the plan has not yet executed the step's program.
    var isSettingUp = true
    /// The root directory of every process of the step; nil before the first, and once one may have another.
    private var root: SharedDescriptor?
    private var hasOneRoot = true
    /// The device number of the step's root.
    private var rootDevice: UInt64?

    /// A supervisor of a step of `user`, whose root's owners are in `ledger` and whose changes go to `upper`.
    package init(
        user: StepUser,
        ledger: OwnershipLedger,
        upper: borrowing Directory
    ) throws(SystemError) {
        self.ledger = ledger
        self.upper = SharedDirectory(try upper.duplicate())
        passing = try OwnershipLedger()
        credentials = CredentialTable(Credentials(user))
    }

    package mutating func answer(
        _ call: SystemCall,
        _ listener: borrowing SystemCallListener
    ) -> SystemCallAnswer? {
        guard let meaning = LedgerProgram.call(architecture: call.architecture, number: call.number) else {
            return .proceed
        }
        if isSettingUp {
            // The ids of the step are those that its first program has.
            guard case .execute = meaning else { return .proceed }
            isSettingUp = false
        }
        do throws(SystemError) {
            return try answer(located(call), meaning, listener)
        } catch {
            return .failure(error.code)
        }
    }

    /// The call with the root of its process, if all have the same.
    private mutating func located(_ call: SystemCall) throws(SystemError) -> SystemCall {
        guard hasOneRoot else { return call }
        if root == nil {
            root = SharedDescriptor(try call.process.open("", relativeTo: CallingProcess.root, .pathOnly))
        }
        var located = call
        located.knownRoot = root?.raw ?? -1
        return located
    }

    private mutating func answer(
        _ call: SystemCall,
        _ meaning: SupervisedCall,
        _ listener: borrowing SystemCallListener
    ) throws(SystemError) -> SystemCallAnswer? {
        switch meaning {
        case .changeOwner(let place, let owner, let isNarrow): try changeOwner(call, place, owner, isNarrow)
        case .status(let place, let buffer, let layout): try status(call, place, buffer, layout)
        case .access(let place, let mode): try access(call, place, mode)
        case .open(let place, let flags, let mode):
            try open(call, place, Opening(flags: call.number(flags), mode: call.number(mode)), listener)
        case .create(let place, let mode):
            try open(
                call,
                place,
                Opening(flags: UInt32(O_CREAT | O_WRONLY | O_TRUNC), mode: call.number(mode)),
                listener
            )
        case .openAsDescribed(let place, let description):
            try open(call, place, Opening(describedAt: call[description], of: call.process), listener)
        case .makeDirectory(let place, let mode): try makeDirectory(call, place, mode: call.number(mode))
        case .makeNode(let place, let mode, let device):
            try makeNode(call, place, mode: call.number(mode), device: call.number(device))
        case .makeLink(let place, let target): try makeLink(call, place, target)
        case .copyName(let place, let isMoved): try copyName(call, place, isMoved)
        case .removeName(let place): try refusal(ofRemoving: place, call) ?? .proceed
        case .changeMode(let place, _): try refusal(ofChangingMode: place, call) ?? .proceed
        case .setAttribute(let place, let name): try setAttribute(call, place, name)
        case .removeAttribute(_, let name): try removeAttribute(call, name)
        case .listAttributes(let place, let list): try listAttributes(call, place, list)
        case .execute(let place): try execute(call, place)
        case .changeRoot: changeRoot()
        case .keepCapabilities: try keepCapabilities(call)
        case .setCapabilities: try setCapabilities(call)
        case .setLimit(let place): try setLimit(call, place)
        // The kernel has a proc to answer this from.
        case .readLink: .proceed
        case .identity(let identity, let isNarrow): try self.identity(call, identity, isNarrow)
        }
    }

    /// A process is about to have another root: from now on each one is asked for its own.
    private mutating func changeRoot() -> SystemCallAnswer {
        hasOneRoot = false
        root = nil
        return .proceed
    }

    // MARK: Files

    /// The list that has the record of a file that cannot carry it.
    mutating func list(for status: FileStatus, of process: CallingProcess) throws(SystemError) -> OwnershipLedger {
        if rootDevice == nil {
            rootDevice = try process.open("", relativeTo: CallingProcess.root, .pathOnly).status().device
        }
        return status.device == rootDevice ? ledger : passing
    }

    /// Whether a file is on the file system of the step's root, and not the kernel's own.
    mutating func isInRoot(_ status: FileStatus, _ process: CallingProcess) throws(SystemError) -> Bool {
        try list(for: status, of: process) === ledger
    }

    /// The record of an open file; `nil` where there is none.
    mutating func record(
        of file: borrowing FileDescriptor,
        _ process: CallingProcess
    ) throws(SystemError) -> OwnerRecord? {
        if let record = OwnerRecord.read(file.raw, "") { return record }
        if ledger.isEmpty, passing.isEmpty { return nil }
        let status = try file.status()
        guard [.symlink, .fifo, .socket].contains(status.kind) else { return nil }
        return try list(for: status, of: process).record(of: status)
    }

    /// The status of an open file with its recorded owner.
    mutating func recordedStatus(
        of file: borrowing FileDescriptor,
        _ process: CallingProcess
    ) throws(SystemError) -> FileStatus {
        try file.status().applying(record(of: file, process) ?? OwnerRecord())
    }
}
