import CSeccomp
import Glibc
import LinuxSystem

/// A filter of libseccomp that is being made; what is not allowed fails with EPERM.
struct SeccompFilter: ~Copyable {
    private let context: scmp_filter_ctx

    private init(_ context: scmp_filter_ctx) {
        self.context = context
    }

    /// A filter for the native architecture that allows nothing.
    static func start() throws(SandboxError) -> SeccompFilter {
        guard let context = seccomp_init(SeccompFilter.errno(EPERM)) else { throw .seccompNotGenerated(code: ENOMEM) }
        let filter = SeccompFilter(context)
        try filter.configure()
        return filter
    }

    /// A filter for the native architecture that allows everything.
    static func startAllowing() throws(SandboxError) -> SeccompFilter {
        guard let context = seccomp_init(SeccompFilter.allowed) else { throw .seccompNotGenerated(code: ENOMEM) }
        let filter = SeccompFilter(context)
        try filter.check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
        try filter.check(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SeccompFilter.allowed))
        return filter
    }

    private func configure() throws(SandboxError) {
        // A binary tree of comparisons instead of a list.
        try check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
        // Calls of a foreign architecture are refused like any other, instead of killing the process.
        try check(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SeccompFilter.errno(EPERM)))
    }

    deinit {
        seccomp_release(context)
    }

    /// A condition on an argument of a call.
    enum Condition {
        case equal(UInt32, UInt64)
        case less(UInt32, UInt64)
        case greater(UInt32, UInt64)
        case maskedEqual(UInt32, mask: UInt64, UInt64)

        var comparison: scmp_arg_cmp {
            switch self {
            case .equal(let index, let value):
                scmp_arg_cmp(arg: index, op: SCMP_CMP_EQ, datum_a: value, datum_b: 0)
            case .less(let index, let value):
                scmp_arg_cmp(arg: index, op: SCMP_CMP_LT, datum_a: value, datum_b: 0)
            case .greater(let index, let value):
                scmp_arg_cmp(arg: index, op: SCMP_CMP_GT, datum_a: value, datum_b: 0)
            case .maskedEqual(let index, let mask, let value):
                scmp_arg_cmp(arg: index, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)
            }
        }
    }

    func add(architecture: UInt32) throws(SandboxError) {
        let code = seccomp_arch_add(context, architecture)
        if code != -EEXIST { try check(code) }
    }

    /// Allows a call, if all conditions hold.
    func allow(_ name: String, _ conditions: [Condition] = []) throws(SandboxError) {
        try add(SeccompFilter.allowed, name, conditions)
    }

    /// Lets a listener answer a call, if all conditions hold.
    func notify(_ name: String, _ conditions: [Condition] = []) throws(SandboxError) {
        try add(SeccompFilter.notified, name, conditions)
    }

    /// Makes a call fail with an errno, if all conditions hold.
    func fail(_ name: String, with code: Int32, _ conditions: [Condition] = []) throws(SandboxError) {
        try add(SeccompFilter.errno(code), name, conditions)
    }

    /// The finished program.
    consuming func program() throws(SandboxError) -> [UInt8] {
        do throws(SystemError) {
            let file = try FileDescriptor.inMemory("swbuild-seccomp")
            let code = seccomp_export_bpf(context, file.raw)
            if code < 0 { throw SystemError("export seccomp program", code: -code) }
            try file.seek(to: 0)
            return try file.readAll()
        } catch {
            throw .seccompNotGenerated(code: error.code)
        }
    }

    private func add(_ action: UInt32, _ name: String, _ conditions: [Condition]) throws(SandboxError) {
        let number = seccomp_syscall_resolve_name(name)
        // Unknown to this libseccomp.
        if number == SeccompFilter.unknown { return }
        let comparisons = conditions.map(\.comparison)
        let code = seccomp_rule_add_array(context, action, number, UInt32(comparisons.count), comparisons)
        // EDOM: no architecture of the filter has it. EEXIST: allowed already.
        if code != -EDOM, code != -EEXIST { try check(code) }
    }

    private func check(_ code: Int32) throws(SandboxError) {
        if code < 0 { throw .seccompNotGenerated(code: -code) }
    }

    private static let allowed: UInt32 = 0x7fff_0000
    private static let notified: UInt32 = 0x7fc0_0000
    private static let unknown: Int32 = -1

    private static func errno(_ code: Int32) -> UInt32 {
        0x0005_0000 | UInt32(code)
    }
}
