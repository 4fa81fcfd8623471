import CSQLite
import Databases

/// A prepared statement, finalized when the value goes away.
struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let parameterCount: Int

    /// Prepares `sql` on `connection`.
    init(_ sql: String, on connection: borrowing ConnectionHandle) throws(DatabaseError) {
        var prepared: OpaquePointer?
        var sql = sql
        let result = sql.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                sqlite3_prepare_v3(
                    connection.pointer, bytes.baseAddress, Int32(bytes.count),
                    UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
            }
        }
        guard result == SQLITE_OK, let prepared else {
            throw connection.error(result, "cannot prepare '\(sql.prefix(200))'")
        }
        handle = prepared
        parameterCount = Int(sqlite3_bind_parameter_count(prepared))
    }

    deinit { sqlite3_finalize(handle) }

    /// Gives the statement its parameters, copied.
    func bind(
        _ parameters: [DatabaseValue], on connection: borrowing ConnectionHandle
    ) throws(DatabaseError) {
        guard parameters.count == parameterCount else {
            throw DatabaseError(
                .statement, "\(parameterCount) parameters needed, \(parameters.count) given for '\(sql)'")
        }
        for (offset, parameter) in parameters.enumerated() {
            let index = Int32(offset + 1)
            let result: Int32
            switch parameter {
            case .null: result = sqlite3_bind_null(handle, index)
            case .integer(let number): result = sqlite3_bind_int64(handle, index, number)
            case .real(let number):
                guard !number.isNaN else { throw refusal(of: "NaN", at: index) }
                result = sqlite3_bind_double(handle, index, number)
            case .text(var text):
                let bound: Int32? = text.withUTF8 { bytes in
                    // PostgreSQL has no text with a NUL in it; SQLite keeps one and cuts it in places.
                    guard !bytes.contains(0) else { return nil }
                    return bytes.withMemoryRebound(to: CChar.self) {
                        // An empty string may have no address, and would be bound as null.
                        csqlite_bind_text_copy(handle, index, $0.baseAddress ?? emptyText, UInt64($0.count))
                    }
                }
                guard let bound else { throw refusal(of: "text with a NUL in it", at: index) }
                result = bound
            case .blob(let bytes):
                result = bytes.withUnsafeBytes {
                    csqlite_bind_blob_copy(handle, index, $0.baseAddress, UInt64($0.count))
                }
            }
            guard result == SQLITE_OK else {
                throw connection.error(result, "cannot bind parameter \(index) of '\(sql)'")
            }
        }
    }

    /// Goes to the next row; false after the last.
    func step(on connection: borrowing ConnectionHandle) throws(DatabaseError) -> Bool {
        let result = sqlite3_step(handle)
        switch result {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw connection.error(result, "'\(sql)' failed")
        }
    }

    /// Makes it ready for the next use. It repeats the error of the step before, which was thrown already.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Whether it changes nothing.
    var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

    /// The names of the columns of its rows.
    func columns() -> Columns {
        Columns(
            (0..<sqlite3_column_count(handle)).map { index in
                sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
            })
    }

    /// The row it stands on.
    func row(_ columns: Columns) -> Row {
        let values = [DatabaseValue](unsafeUninitializedCapacity: columns.names.count) { buffer, count in
            while count < columns.names.count {
                (buffer.baseAddress! + count).initialize(to: value(at: Int32(count)))
                count += 1
            }
        }
        return Row(columns: columns, values: values)
    }

    private func value(at index: Int32) -> DatabaseValue {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            // The pointer first, then the count: asking for the text may convert it.
            let text = sqlite3_column_text(handle, index)
            let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, index)))
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let blob = sqlite3_column_blob(handle, index)
            let bytes = UnsafeRawBufferPointer(
                start: blob, count: Int(sqlite3_column_bytes(handle, index)))
            return .blob([UInt8](bytes))
        default: return .null
        }
    }

    private func refusal(of what: String, at index: Int32) -> DatabaseError {
        DatabaseError(.statement, "parameter \(index) of '\(sql)' is \(what), which cannot be stored")
    }

    /// The text it was made of, cut, for messages.
    private var sql: String {
        String((sqlite3_sql(handle).map { String(cString: $0) } ?? "").prefix(200))
    }
}

/// A pointer to no characters, for texts that have none.
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
    let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    pointer.initialize(to: 0)
    return UnsafePointer(pointer)
}()
