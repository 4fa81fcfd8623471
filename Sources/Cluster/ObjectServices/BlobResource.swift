import APIServers
import Core
import Identity
import ObjectModel

/// What rights on buckets and objects are about: `blob://local/default/PROJECT/BUCKET/KEY`.
enum BlobResource {
    static func bucket(_ name: String, in project: String) throws -> ResourceURI {
        try Resources.one(.blob, name, in: project)
    }

    /// Of a key as far as rights can say anything of it: its segments up to the first that no URI can have, since no grant can be
    /// there or below.
    static func object(_ key: String, _ bucket: BucketName, in project: String) throws -> ResourceURI {
        var resource = try self.bucket(bucket.text, in: project)
        // By bytes: to Swift a slash with an accent on it is no slash.
        for part in key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let segment = String(decoding: part, as: UTF8.self)
            guard let next = try? ResourceURI(.blob, resource.path + [segment]) else { break }  // As said.
            resource = next
        }
        return resource
    }

    /// Of a prefix, which covers what is under its last slash.
    static func prefix(_ prefix: String, _ bucket: BucketName, in project: String) throws -> ResourceURI {
        guard let slash = prefix.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            return try self.bucket(bucket.text, in: project)
        }
        return try object(String(decoding: prefix.utf8[..<slash], as: UTF8.self), bucket, in: project)
    }
}
