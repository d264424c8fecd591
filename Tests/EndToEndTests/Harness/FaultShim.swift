/// A library that is loaded before swbuild's own and stops it, or fills its disk, at the n-th change of a file.
///
/// Counts calls of the builder itself that write to a regular file or change a directory, not those of its steps.
struct FaultShim {
    /// What happens at a call, the first of which is 1.
    enum Fault {
        /// Nothing: the calls are counted.
        case none
        case kill(at: Int)
        /// This call and all later ones find no space.
        case full(from: Int)
        /// This call alone finds none.
        case noSpace(at: Int)
    }

    /// What the debug build is linked with can be put in front of it; a static program takes no libraries.
    static let library = Result { () throws -> String in
        let source = try Scratch.shared.write("fault.c", code)
        let library = Scratch.shared.path("fault.so")
        let compiler = Machine.has("cc") ? "cc" : "clang"
        try Command.check(compiler, ["-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"])
        return library
    }

    private let library: String
    private let counter: String
    /// The names of files that were opened, one per line.
    let opened: String

    /// A shim with files of its own below `scratch`.
    init(_ scratch: Scratch) throws {
        library = try Self.library.get()
        counter = try scratch.write("fault-count", String(repeating: "\0", count: 8))
        opened = try scratch.write("fault-opened", "")
    }

    /// The command with the library in front.
    func apply(_ fault: Fault, to command: Command) throws -> Command {
        try FileTree.write(counter, [UInt8](repeating: 0, count: 8))
        try FileTree.write(opened, [])
        var command = command
        command.environment["LD_PRELOAD"] = library
        command.environment["FAULT_COUNTER"] = counter
        command.environment["FAULT_OPENED"] = opened
        switch fault {
        case .none: command.environment["FAULT_MODE"] = "none"
        case .kill(let number):
            (command.environment["FAULT_MODE"], command.environment["FAULT_AT"]) = ("kill", "\(number)")
        case .full(let number):
            (command.environment["FAULT_MODE"], command.environment["FAULT_AT"]) = ("full", "\(number)")
        case .noSpace(let number):
            (command.environment["FAULT_MODE"], command.environment["FAULT_AT"]) = ("once", "\(number)")
        }
        return command
    }

    /// How many calls there were since the last command.
    var count: Int {
        get throws { try FileTree.bytes(counter).prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) } }
    }

    private static let code = #"""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <stdarg.h>
        #include <stdatomic.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/types.h>
        #include <sys/uio.h>
        #include <unistd.h>

        static _Atomic int64_t *counter;
        static int64_t at;
        static char mode;
        static int log_file = -1;
        static pid_t self;
        static long (*real_syscall)(long, ...);

        __attribute__((constructor)) static void begin(void) {
            real_syscall = dlsym(RTLD_NEXT, "syscall");
            const char *file = getenv("FAULT_COUNTER"), *name = getenv("FAULT_MODE");
            if (!file || !name) return;
            int descriptor = open(file, O_RDWR | O_CLOEXEC);
            void *memory = mmap(0, 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
            if (memory == MAP_FAILED) return;
            const char *number = getenv("FAULT_AT"), *opened = getenv("FAULT_OPENED");
            at = number ? atoll(number) : 0;
            mode = name[0];
            if (opened) log_file = open(opened, O_WRONLY | O_APPEND | O_CLOEXEC);
            self = getpid();
            counter = memory;
        }

        /* Whether the call fails; a killed process does not come back. */
        static int fault(void) {
            if (!counter || real_syscall(SYS_getpid) != self) return 0;
            int64_t number = atomic_fetch_add(counter, 1) + 1;
            if (mode == 'k' && number == at) { real_syscall(SYS_kill, self, SIGKILL); for (;;) real_syscall(SYS_pause); }
            int full = (mode == 'f' && number >= at) || (mode == 'o' && number == at);
            if (full) errno = ENOSPC;
            return full;
        }

        /* Files in memory have no name, and no disk that could be full. */
        static int is_file(int descriptor) {
            struct stat status;
            return descriptor > 2 && counter && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink;
        }

        static void note(const char *path) {
            if (log_file < 0 || !path || real_syscall(SYS_getpid) != self) return;
            char line[512];
            size_t length = strnlen(path, 500);
            memcpy(line, path, length);
            line[length] = '\n';
            real_syscall(SYS_write, log_file, line, length + 1);
        }

        #define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
        #define CHANGE(type, name, parameters, arguments, condition) \
            type name parameters { REAL(name); if ((condition) && fault()) return -1; return real arguments; }

        CHANGE(ssize_t, write, (int f, const void *b, size_t n), (f, b, n), is_file(f))
        CHANGE(ssize_t, pwrite, (int f, const void *b, size_t n, off_t o), (f, b, n, o), is_file(f))
        CHANGE(ssize_t, pwrite64, (int f, const void *b, size_t n, off64_t o), (f, b, n, o), is_file(f))
        CHANGE(ssize_t, writev, (int f, const struct iovec *v, int n), (f, v, n), is_file(f))
        CHANGE(ssize_t, copy_file_range, (int a, off64_t *x, int b, off64_t *y, size_t n, unsigned f), (a, x, b, y, n, f), 1)
        CHANGE(int, ftruncate, (int f, off_t n), (f, n), is_file(f))
        CHANGE(int, ftruncate64, (int f, off64_t n), (f, n), is_file(f))
        CHANGE(int, fsync, (int f), (f), 1)
        CHANGE(int, fdatasync, (int f), (f), 1)
        CHANGE(int, syncfs, (int f), (f), 1)
        CHANGE(int, mkdirat, (int d, const char *p, mode_t m), (d, p, m), 1)
        CHANGE(int, mknodat, (int d, const char *p, mode_t m, dev_t v), (d, p, m, v), 1)
        CHANGE(int, symlinkat, (const char *t, int d, const char *p), (t, d, p), 1)
        CHANGE(int, linkat, (int a, const char *p, int b, const char *q, int f), (a, p, b, q, f), 1)
        CHANGE(int, renameat, (int a, const char *p, int b, const char *q), (a, p, b, q), 1)
        CHANGE(int, renameat2, (int a, const char *p, int b, const char *q, unsigned f), (a, p, b, q, f), 1)
        CHANGE(int, unlinkat, (int d, const char *p, int f), (d, p, f), mode == 'k' || mode == 'n')

        int open(const char *path, int flags, ...) {
            REAL(open);
            va_list list; va_start(list, flags); mode_t bits = va_arg(list, mode_t); va_end(list);
            note(path);
            if (flags & O_CREAT && counter && fault()) return -1;
            return real(path, flags, bits);
        }
        int open64(const char *path, int flags, ...) {
            REAL(open64);
            va_list list; va_start(list, flags); mode_t bits = va_arg(list, mode_t); va_end(list);
            note(path);
            if (flags & O_CREAT && counter && fault()) return -1;
            return real(path, flags, bits);
        }
        int openat(int directory, const char *path, int flags, ...) {
            REAL(openat);
            va_list list; va_start(list, flags); mode_t bits = va_arg(list, mode_t); va_end(list);
            note(path);
            if (flags & O_CREAT && counter && fault()) return -1;
            return real(directory, path, flags, bits);
        }

        /* What the C library has no function for. */
        long syscall(long number, ...) {
            va_list list; va_start(list, number);
            long a[6];
            for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
            va_end(list);
            if (!real_syscall) real_syscall = dlsym(RTLD_NEXT, "syscall");
            if (number == SYS_openat2) {
                note((const char *)a[1]);
                uint64_t flags = a[2] ? *(uint64_t *)a[2] : 0;
                if (flags & O_CREAT && fault()) return -1;
            }
            int changes = number == SYS_renameat2 || number == SYS_linkat || number == SYS_mkdirat || number == SYS_copy_file_range;
            if (changes && fault()) return -1;
            return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
        }
        """#
}
