import Databases

/// PostgreSQL's types that Apollo's values are, by their numbers in `pg_type`, which never change, and how they look in the
/// binary format: numbers with the highest byte first (https://www.postgresql.org/docs/15/protocol-overview.html).
enum Wire {
    enum TypeID {
        static let bool: UInt32 = 16
        static let bytea: UInt32 = 17
        static let name: UInt32 = 19
        static let int8: UInt32 = 20
        static let int2: UInt32 = 21
        static let int4: UInt32 = 23
        static let text: UInt32 = 25
        static let float4: UInt32 = 700
        static let float8: UInt32 = 701
        static let varchar: UInt32 = 1043
        static let unspecified: UInt32 = 0
    }

    /// The type that a parameter is declared to have; a null leaves it to the server.
    static func type(of value: DatabaseValue) -> UInt32 {
        switch value {
        case .null: TypeID.unspecified
        case .integer: TypeID.int8
        case .real: TypeID.float8
        case .text: TypeID.text
        case .blob: TypeID.bytea
        }
    }

    /// Whether `value` can be sent as a parameter of type `id`.
    static func fits(_ value: DatabaseValue, _ id: UInt32) -> Bool {
        switch (value, id) {
        case (.null, _), (.integer, TypeID.int8), (.real, TypeID.float8), (.blob, TypeID.bytea),
            (.text, TypeID.text), (.text, TypeID.varchar):
            true
        case (.integer(let number), TypeID.int4): Int32(exactly: number) != nil
        default: false
        }
    }

    /// Appends `value` as a parameter of type `id` that it fits; not for nulls.
    static func append(_ value: DatabaseValue, as id: UInt32, to bytes: inout [UInt8]) {
        switch value {
        case .null: break
        case .integer(let number):
            if id == TypeID.int4 {
                append(UInt32(bitPattern: Int32(truncatingIfNeeded: number)), to: &bytes)
            } else {
                append(UInt64(bitPattern: number), to: &bytes)
            }
        case .real(let number): append(number.bitPattern, to: &bytes)
        case .text(let text): bytes += text.utf8
        case .blob(let blob): bytes += blob
        }
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The value that `bytes` are in a column of type `id`; nil for a type that Apollo has no value for, or bytes that are none.
    static func value(_ bytes: UnsafeRawBufferPointer, _ id: UInt32) -> DatabaseValue? {
        switch id {
        case TypeID.int8 where bytes.count == 8:
            .integer(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case TypeID.int4 where bytes.count == 4:
            .integer(Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case TypeID.int2 where bytes.count == 2:
            .integer(Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self))))
        case TypeID.bool where bytes.count == 1: .integer(bytes[0] == 0 ? 0 : 1)
        case TypeID.float8 where bytes.count == 8:
            .real(Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))))
        case TypeID.float4 where bytes.count == 4:
            .real(Double(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))))
        case TypeID.text, TypeID.varchar, TypeID.name: .text(String(decoding: bytes, as: UTF8.self))
        case TypeID.bytea: .blob([UInt8](bytes))
        default: nil
        }
    }
}
