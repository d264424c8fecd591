import Glibc

/// A directory of the cache directory for probes to work in; removed when this value ends.
///
/// Locked like everything below `tmp`, so that the next process removes it where this one is killed.
struct ProbePlace: ~Copyable {
    /// Where it is, or why there is none.
    let path: Result<Path, SystemError>
    private let home: Directory?
    private let lock: FileLock?

    /// Makes a directory below the cache directory, which is made where it is missing.
    init(_ cache: Path?) {
        do throws(SystemError) {
            self = try Self.make(cache)
        } catch {
            let error = SystemError(error.operation, cache, code: error.code, detail: error.detail)
            self.init(path: .failure(error), home: nil, lock: nil)
        }
    }

    private init(path: Result<Path, SystemError>, home: consuming Directory?, lock: consuming FileLock?) {
        self.path = path
        self.home = home
        self.lock = lock
    }

    private static func make(_ cache: Path?) throws(SystemError) -> ProbePlace {
        guard let cache else { throw SystemError("find the cache directory", code: ENOENT) }
        let top = try Directory.open("/")
        try top.makeDirectories(cache.parent)
        try top.makeDirectories(cache, mode: 0o700)
        try top.makeDirectories(cache.appending("tmp"))
        let home = try Directory.open(cache.appending("tmp"))
        let name = Path("probe-\(getpid())")
        try home.removeTree(name)
        let lock = try claim(name, in: home)
        return ProbePlace(
            path: .success(cache.appending("tmp").appending(name)),
            home: consume home,
            lock: consume lock
        )
    }

    /// Makes the directory and locks it; between the two, another process may have taken it for a leftover.
    private static func claim(_ name: Path, in home: borrowing Directory) throws(SystemError) -> FileLock {
        var attempts = 0
        while true {
            do throws(SystemError) {
                try home.makeDirectories(name, mode: 0o700)
                let lock = try FileLock.acquire(on: home.openFile(name, [.readOnly, .directory]), .exclusive)
                let mine = try lock.descriptor.status()
                if try home.statusIfExists(name)?.identity == mine.identity { return lock }
            } catch {
                attempts += 1
                guard error.isNotFound, attempts < 100 else { throw error }
            }
        }
    }

    deinit {
        if let name = try? path.get().lastComponent { try? home?.removeTree(name) }
    }
}
