import CPQ
import Databases

/// A statement that a server has prepared.
final class Prepared {
    let name: String
    /// The types of its parameters, as the server took them.
    let types: [UInt32]
    let columns: Columns
    var lastUse: UInt64 = 0

    init(name: String, description: Rows) {
        let result = description.pointer
        self.name = name
        types = (0..<PQnparams(result)).map { PQparamtype(result, $0) }
        columns = Columns(
            (0..<PQnfields(result)).map { PQfname(result, $0).map { String(cString: $0) } ?? "" })
    }

    /// Whether it can be run with `parameters`.
    func fits(_ parameters: [DatabaseValue]) -> Bool {
        for (value, type) in zip(parameters, types) where !Wire.fits(value, type) { return false }
        return true
    }
}

/// The parameters of one execution, as libpq takes them: one buffer, and where in it each begins.
struct Arguments {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = []
    private var lengths: [Int32] = []

    /// Fills it anew.
    mutating func fill(_ parameters: [DatabaseValue], _ types: [UInt32]) {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for (value, type) in zip(parameters, types) {
            guard value != .null else {
                offsets.append(-1)
                lengths.append(0)
                continue
            }
            offsets.append(bytes.count)
            Wire.append(value, as: type, to: &bytes)
            lengths.append(Int32(bytes.count - offsets[offsets.count - 1]))
        }
        // So that an empty value has an address as well: a null pointer is a null.
        bytes.append(0)
    }

    func send(_ statement: Prepared, on link: Link) throws(DatabaseError) {
        let formats = [Int32](repeating: 1, count: offsets.count)
        let result = bytes.withUnsafeBytes { bytes in
            let base = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
            let values: [UnsafePointer<CChar>?] = offsets.map { $0 < 0 ? nil : base + $0 }
            return PQsendQueryPrepared(
                link.pointer, statement.name, Int32(values.count), values, lengths, formats, 1)
        }
        try link.sent(result)
    }
}

extension Rows {
    var count: Int32 { PQntuples(pointer) }

    /// What the server says of the command: `INSERT 0 1`.
    var status: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    /// How many rows the command inserted, updated or deleted.
    var changes: Int {
        let status = status
        guard ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(where: { status.hasPrefix($0) }) else {
            return 0
        }
        return PQcmdTuples(pointer).map { Int(String(cString: $0)) ?? 0 } ?? 0
    }

    func row(_ index: Int32, _ columns: Columns) throws(DatabaseError) -> Row {
        var values: [DatabaseValue] = []
        values.reserveCapacity(columns.names.count)
        for column in 0..<Int32(columns.names.count) {
            guard PQgetisnull(pointer, index, column) == 0 else {
                values.append(.null)
                continue
            }
            let type = PQftype(pointer, column)
            let bytes = UnsafeRawBufferPointer(
                start: PQgetvalue(pointer, index, column), count: Int(PQgetlength(pointer, index, column)))
            guard let value = Wire.value(bytes, type) else {
                throw DatabaseError(
                    .statement,
                    "column '\(columns.names[Int(column)])' has a type that not every engine has (number \(type)): cast it to"
                        + " BIGINT, DOUBLE PRECISION or TEXT")
            }
            values.append(value)
        }
        return Row(columns: columns, values: values)
    }

    /// The text at `column` of the only row.
    func text(_ column: Int32) -> String? {
        guard count == 1, PQgetisnull(pointer, 0, column) == 0 else { return nil }
        return PQgetvalue(pointer, 0, column).map { String(cString: $0) }
    }
}
