public import ClusterModel
import Documents

/// Records as JSON: the same bytes in the database and in the API.
public enum RecordCoding {
    public static func encode(_ record: TaskRecord) -> [UInt8] {
        do {
            return try JSONWriter.bytes(encodingInOrder: record)
        } catch {
            // Strings, integers and finite numbers only: nothing in a record can fail to encode.
            preconditionFailure("a task record does not encode: \(error)")
        }
    }

    public static func decode(_ bytes: [UInt8]) throws -> TaskRecord {
        try JSONReader.decode(from: bytes)
    }
}
