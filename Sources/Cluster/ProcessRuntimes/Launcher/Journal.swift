import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// What the launcher has to know after its own death, appended to one file: a write and no more for each start and end.
///
///     file    "APOJRN1\n", then entries
///     entry   length of the body (UInt32) · FNV-1a of the body (UInt32) · body
///     body    kind (UInt8) · 1: boot id · 2: attempt, StartRecord · 3: attempt, exit · 4: attempt (removed)
///
/// What a process wrote survives its death; `fdatasync` is for the machine's, and since no process survives that either,
/// only ends are worth it, and those a little later and together.
final class Journal {
    /// What the journal knows of an attempt.
    struct Known: Equatable {
        var start: StartRecord
        var boot: String
        var exit: AttemptExit?
    }

    private let path: String
    private var file: Descriptor
    private var size: Int64
    private var buffer: [UInt8] = []
    private(set) var isSynced = true
    /// Why the last write did not succeed; what is not written is kept and tried again.
    private(set) var failure: SystemError?
    /// How much the file may grow before it is written anew, at least.
    private let slack: Int64
    private var compactAt: Int64

    static let mark = Array("APOJRN1\n".utf8)

    /// Opens or makes the journal and reads it. A damaged tail is cut off, as a crash leaves it.
    static func open(
        _ path: String, slack: Int64 = 1 << 20
    ) throws(SystemError) -> (journal: Journal, known: [AttemptID: Known]) {
        let file = try Descriptor.open(path, O_RDWR | O_CREAT)
        let bytes = file.readAll(most: 1 << 30) ?? []
        var (known, valid) = replay(bytes)
        if valid < mark.count {
            if !bytes.isEmpty {
                // Not a journal at all: whatever it is, it is not ours to destroy.
                rename(path, path + ".damaged")
                return try open(path, slack: slack)
            }
            try file.writeAll(mark, to: path)
            valid = mark.count
        } else {
            ftruncate(file.number, off_t(valid))
            lseek(file.number, off_t(valid), SEEK_SET)
        }
        return (Journal(path: path, file: file, size: Int64(valid), slack: slack), known)
    }

    private init(path: String, file: Descriptor, size: Int64, slack: Int64) {
        self.path = path
        self.file = file
        self.size = size
        self.slack = slack
        compactAt = size + slack
    }

    /// What the entries say, and how many bytes of them are whole. No byte is trusted.
    static func replay(_ bytes: [UInt8]) -> (known: [AttemptID: Known], valid: Int) {
        guard bytes.starts(with: mark) else { return ([:], 0) }
        var known: [AttemptID: Known] = [:]
        var boot = ""
        var valid = mark.count
        var reader = ByteReader(bytes[valid...])
        while true {
            do throws(WireError) {
                let length: UInt32 = try reader.integer()
                let sum: UInt32 = try reader.integer()
                let body = try reader.bytes(Int(length))
                guard sum == checksum(body) else { return (known, valid) }
                try apply(body, to: &known, boot: &boot)
            } catch {
                return (known, valid)
            }
            valid = bytes.count - reader.remaining
        }
    }

    private static func apply(
        _ body: [UInt8], to known: inout [AttemptID: Known], boot: inout String
    ) throws(WireError) {
        var reader = ByteReader(body)
        switch try reader.integer(UInt8.self) {
        case 1: boot = try reader.text()
        case 2:
            let attempt = try reader.attempt()
            known[attempt] = Known(start: try reader.value(), boot: boot)
        case 3:
            let attempt = try reader.attempt()
            let exit: AttemptExit = try reader.value()
            known[attempt]?.exit = exit
        case 4: known[try reader.attempt()] = nil
        case let kind: throw .invalid("a journal entry of kind \(kind)")
        }
        try reader.finish()
    }

    /// FNV-1a, 32 bits: enough to notice what was not written whole.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    private static func entry(_ kind: UInt8, _ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var body = ByteWriter()
        body.integer(kind)
        write(&body)
        var entry = ByteWriter()
        entry.integer(UInt32(body.bytes.count))
        entry.integer(checksum(body.bytes))
        return entry.bytes + body.bytes
    }

    static func boot(_ id: String) -> [UInt8] { entry(1) { $0.text(id) } }

    static func started(_ attempt: AttemptID, _ record: StartRecord) -> [UInt8] {
        entry(2) {
            $0.text(attempt.text)
            $0.value(record)
        }
    }

    static func ended(_ attempt: AttemptID, _ exit: AttemptExit) -> [UInt8] {
        entry(3) {
            $0.text(attempt.text)
            $0.value(exit)
        }
    }

    static func removed(_ attempt: AttemptID) -> [UInt8] { entry(4) { $0.text(attempt.text) } }

    /// Adds an entry; it is in the file after the next ``flush(rewriting:)``.
    func append(_ entry: [UInt8]) { buffer += entry }

    /// Writes what was added. When the file has grown enough, writes it anew with only what `live` gives.
    func flush(rewriting live: () -> [[UInt8]]) {
        guard !buffer.isEmpty else { return }
        do throws(SystemError) {
            if size + Int64(buffer.count) > compactAt {
                try rewrite(live())
            } else {
                try file.writeAll(buffer, to: path)
                size += Int64(buffer.count)
            }
            buffer.removeAll(keepingCapacity: true)
            isSynced = false
            failure = nil
        } catch {
            // A disk that filled up took a part of it: back to the last whole entry.
            ftruncate(file.number, off_t(size))
            lseek(file.number, off_t(size), SEEK_SET)
            failure = error
        }
    }

    private func rewrite(_ live: [[UInt8]]) throws(SystemError) {
        let temporary = path + ".new"
        let next = try Descriptor.open(temporary, O_RDWR | O_CREAT | O_TRUNC)
        let bytes = Self.mark + live.joined()
        try next.writeAll(bytes, to: temporary)
        guard fdatasync(next.number) == 0 else { throw .last("fdatasync", temporary) }
        guard rename(temporary, path) == 0 else { throw .last("rename", temporary) }
        file = next
        size = Int64(bytes.count)
        compactAt = size * 2 + slack
    }

    /// Has the disk keep what was written.
    func sync() {
        guard !isSynced else { return }
        // What the disk refuses now it refuses at the next write, which says so.
        fdatasync(file.number)
        isSynced = true
    }
}
