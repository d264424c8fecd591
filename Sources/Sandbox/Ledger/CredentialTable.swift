import Glibc
import LinuxSystem

/// Who the processes of a step are.
///
/// Each process carries the number of its credentials itself, in something that its children and the programs that it
/// executes inherit and that nobody uses: its soft limit of bytes in message queues, which is that much below the hard
/// one. So there is nothing to follow when a process forks, and nothing to forget when it ends.
struct CredentialTable: Sendable {
    private var known: [Credentials]
    private var numbers: [Credentials: UInt64]

    /// The number of RLIMIT_MSGQUEUE.
    static let resource: UInt64 = 12

    /// A table in which processes are `first` until they are given other credentials.
    init(_ first: Credentials) {
        known = [first]
        numbers = [first: 0]
    }

    /// The credentials of a process.
    func credentials(of process: CallingProcess) throws(SystemError) -> Credentials {
        let limit = try process.limit(Int32(Self.resource))
        let number = limit.hard &- limit.soft
        return number < UInt64(known.count) ? known[Int(number)] : known[0]
    }

    /// Gives a process other credentials.
    mutating func set(_ credentials: Credentials, of process: CallingProcess) throws(SystemError) {
        let number = numbers[credentials] ?? UInt64(known.count)
        let hard = try process.limit(Int32(Self.resource)).hard
        guard number <= hard else { throw SystemError("set credentials", code: EAGAIN) }
        if number == UInt64(known.count) {
            known.append(credentials)
            numbers[credentials] = number
        }
        try process.setLimit(Int32(Self.resource), soft: hard - number, hard: hard)
    }
}
