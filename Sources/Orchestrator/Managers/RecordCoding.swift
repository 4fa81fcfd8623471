public import ClusterModel
import Documents

/// Records as JSON: the same bytes in the database and in the API.
public enum RecordCoding {
    public static func encode(_ record: TaskRecord) -> [UInt8] {
        // One of a short task that has run is some 900 bytes.
        var writer = JSONWriter(reserving: 1024)
        record.write(to: &writer)
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws -> TaskRecord {
        try JSONReader.decode(from: bytes)
    }
}
