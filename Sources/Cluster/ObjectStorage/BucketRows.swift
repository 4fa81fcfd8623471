import Core
import Databases
import Documents
import ObjectModel

/// What is set of buckets, within a transaction.
enum BucketRows {
    static func text(_ settings: BucketSettings) throws -> String {
        String(decoding: try JSONWriter.bytes(encoding: settings), as: UTF8.self)
    }

    static func settings(_ text: String) throws -> BucketSettings {
        text.isEmpty ? BucketSettings() : try JSONReader.decode(from: text.utf8)
    }

    /// Changes the settings of a bucket; what they are from then on.
    static func change(
        _ name: BucketName, _ transaction: borrowing Transaction,
        _ body: (inout BucketSettings) throws -> Void
    ) throws -> BucketSettings {
        let row = try transaction.first(
            "SELECT settings FROM object_buckets WHERE name = ?", [.text(name.text)])
        guard let row else { throw StoreError.noBucket }
        var settings = try settings(row.get("settings"))
        try body(&settings)
        settings.revision += 1
        try transaction.execute(
            "UPDATE object_buckets SET settings = ? WHERE name = ?",
            [.text(try text(settings)), .text(name.text)])
        return settings
    }
}
