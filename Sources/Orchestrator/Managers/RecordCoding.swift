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

    /// A page of records, as the API has it. `next` is where the next page starts; nil on the last one.
    public static func page(_ records: [TaskRecord], next: String?) -> [UInt8] {
        var writer = JSONWriter(reserving: 64 + 1024 * records.count)
        writer.beginObject()
        writer.member("items")
        writer.beginArray()
        for record in records { record.write(to: &writer) }
        writer.endArray()
        if let next { writer.member("nextCursor", next) }
        writer.endObject()
        return writer.bytes
    }

    public static func decode(_ bytes: [UInt8]) throws -> TaskRecord {
        try JSONReader.decode(from: bytes)
    }
}
