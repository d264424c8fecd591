import CSQLite
import Glibc
import LinuxSystem

/// A value in the database.
enum DatabaseValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// An open SQLite database; one thread at a time.
struct Connection: ~Copyable {
    private let handle: OpaquePointer
    private var statements: [String: Statement] = [:]
    /// Which file it is; another one may have its name by now.
    let file: FileStatus.Identity?

    /// Opens or makes the file: WAL, so that readers never wait, and a commit that survives the process' death.
    init(_ path: Path) throws(StorageError) {
        handle = try Connection.open(path)
        file = try? FileStatus.of(path).identity
    }

    /// Opens; where another process turns the file to WAL or closes it as the last one, SQLite does not wait by itself.
    private static func open(_ path: Path) throws(StorageError) -> OpaquePointer {
        var attempts = 0
        while true {
            do throws(StorageError) {
                return try openOnce(path)
            } catch {
                attempts += 1
                guard case .database(_, let code, _) = error, code & 0xff == SQLITE_BUSY, attempts < 1000 else {
                    throw error
                }
                usleep(10_000)
            }
        }
    }

    private static func openOnce(_ path: Path) throws(StorageError) -> OpaquePointer {
        var handle: OpaquePointer?
        // One thread at a time is our promise (NOMUTEX); never follow a link to somebody else's file.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
        var code = path.withCString { sqlite3_open_v2($0, &handle, flags, nil) }
        if code == SQLITE_OK {
            sqlite3_busy_timeout(handle, 10_000)
            code = sqlite3_exec(handle, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", nil, nil, nil)
        }
        guard let handle, code == SQLITE_OK else {
            let error = failure("open", code, handle)
            sqlite3_close_v2(handle)
            throw error
        }
        return handle
    }

    deinit {
        // Closes for good once the last statement is finalized, which happens right after.
        sqlite3_close_v2(handle)
    }

    /// Runs SQL of several statements without values or results.
    func execute(_ sql: String) throws(StorageError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw Connection.failure("change", code, handle) }
    }

    /// Runs one statement; its prepared form is kept.
    mutating func run(_ sql: String, _ values: DatabaseValue...) throws(StorageError) {
        let statement = try prepare(sql)
        defer { statement.reset() }
        try statement.bind(values, handle)
        while try statement.step(handle) {}
    }

    /// Runs a query and gives what `row` makes of each row.
    mutating func query<T>(
        _ sql: String,
        _ values: DatabaseValue...,
        row: (Row) -> T
    ) throws(StorageError) -> [T] {
        let statement = try prepare(sql)
        defer { statement.reset() }
        try statement.bind(values, handle)
        var rows: [T] = []
        while try statement.step(handle) { rows.append(row(Row(statement))) }
        return rows
    }

    /// Runs `body` in a transaction that is taken back if it throws.
    mutating func transaction<R>(_ body: (inout Connection) throws -> R) throws -> R {
        // Immediate: a lock that is taken late fails with BUSY without waiting.
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body(&self)
            try execute("COMMIT")
            return result
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// The count of rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    private mutating func prepare(_ sql: String) throws(StorageError) -> Statement {
        if let statement = statements[sql] { return statement }
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard let pointer, code == SQLITE_OK else { throw Connection.failure("read", code, handle) }
        let statement = Statement(pointer)
        statements[sql] = statement
        return statement
    }

    fileprivate static func failure(_ operation: String, _ code: Int32, _ handle: OpaquePointer?) -> StorageError {
        let text = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        var message = text.map { String(cString: $0) } ?? "error"
        let cause = handle.map { sqlite3_system_errno($0) } ?? 0
        if [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xff), cause != 0 {
            message += ", \(SystemError.reason(cause))"
        }
        return .database(operation: operation, code: code, message: message)
    }
}

/// A prepared statement; finalized with its last reference.
final class Statement {
    fileprivate let pointer: OpaquePointer

    fileprivate init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        sqlite3_finalize(pointer)
    }

    fileprivate func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    fileprivate func step(_ handle: OpaquePointer) throws(StorageError) -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw Connection.failure("use", code, handle)
        }
    }

    fileprivate func bind(_ values: [DatabaseValue], _ handle: OpaquePointer) throws(StorageError) {
        for (index, value) in values.enumerated() {
            let code = bind(value, Int32(index + 1))
            if code != SQLITE_OK { throw Connection.failure("use", code, handle) }
        }
    }

    private func bind(_ value: DatabaseValue, _ index: Int32) -> Int32 {
        // SQLITE_TRANSIENT: SQLite copies, since Swift's buffers live only for the call.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(pointer, index)
        case .integer(let number): return sqlite3_bind_int64(pointer, index, number)
        case .text(let text): return sqlite3_bind_text(pointer, index, text, Int32(text.utf8.count), copied)
        case .blob(let bytes):
            if bytes.isEmpty { return sqlite3_bind_zeroblob(pointer, index, 0) }
            return sqlite3_bind_blob(pointer, index, bytes, Int32(bytes.count), copied)
        }
    }
}

/// The present row of a query; valid only in the closure that gets it.
struct Row {
    private let statement: Statement

    fileprivate init(_ statement: Statement) {
        self.statement = statement
    }

    /// The number in a column; 0 for NULL.
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement.pointer, column) }

    /// The text in a column; `nil` for NULL.
    func text(_ column: Int32) -> String? {
        sqlite3_column_text(statement.pointer, column).map { String(cString: $0) }
    }

    /// The bytes in a column; `nil` for NULL.
    func blob(_ column: Int32) -> [UInt8]? {
        if sqlite3_column_type(statement.pointer, column) == SQLITE_NULL { return nil }
        let count = Int(sqlite3_column_bytes(statement.pointer, column))
        return Array(UnsafeRawBufferPointer(start: sqlite3_column_blob(statement.pointer, column), count: count))
    }
}

extension StorageError {
    /// Whether the database's file is not what SQLite wrote.
    var isDamage: Bool {
        guard case .database(_, let code, _) = self else { return false }
        return [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xff)
    }
}
