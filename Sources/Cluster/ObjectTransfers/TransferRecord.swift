import Core

/// What was done of a transfer, as it is kept for when it is begun again: a line of what it is, and one for each part.
struct TransferRecord: Hashable, Sendable {
    /// What is transferred: what differs in any of this is another transfer.
    struct Subject: Hashable, Sendable {
        var size: Int64
        var partSize: Int64
        /// Of an object its tag; of a file when it was written.
        var version: String
    }

    var subject: Subject
    /// The id of the upload; empty where it is none.
    var upload: String
    /// The parts that are there, with a checksum of each.
    var parts: [Int: UInt32] = [:]

    /// The first line.
    var head: String {
        "apollo-transfer 1 \(subject.size) \(subject.partSize) \(subject.version) \(upload)\n"
    }

    static func line(_ part: Int, _ checksum: UInt32) -> String { "part \(part) \(checksum)\n" }

    init(_ subject: Subject, upload: String) {
        self.subject = subject
        self.upload = upload
    }

    /// Reads what was written; nil for anything else. A last line that is not whole was not written in time.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1 else { return nil }
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[0] == "apollo-transfer", words[1] == "1", let size = Int64(words[2]),
            let partSize = Int64(words[3]), size > 0, partSize > 0
        else { return nil }
        self.init(
            Subject(size: size, partSize: partSize, version: String(words[4])), upload: String(words[5]))
        for line in lines.dropFirst().dropLast() {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "part", let number = Int(words[1]),
                let checksum = UInt32(words[2])
            else { return nil }
            parts[number] = checksum
        }
    }
}
