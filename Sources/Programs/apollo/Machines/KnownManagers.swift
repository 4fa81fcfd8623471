import Core
import Synchronization

/// Where the APIs of the platform's managers answer, as a worker was told last; kept over restarts, in a file of a line each. One
/// of them knows who leads, also when the one that the worker joined at is gone for good.
final class KnownManagers: Sendable {
    private let file: String
    private let list: Mutex<[String]>
    private let notes = Mutex<[@Sendable (String) -> Void]>([])
    /// Where the machine joined: asked last, and never forgotten.
    private let first: String

    init(file: String, joinedAt first: String) throws {
        self.file = file
        self.first = first
        let text = try PrivateFile.read(file, upTo: 1 << 16) ?? ""
        list = Mutex(text.split(separator: "\n").map(String.init))
    }

    /// Whom to tell what goes wrong.
    func complain(to note: @escaping @Sendable (String) -> Void) { notes.withLock { $0 = [note] } }

    /// In the order to ask them, with commas between them.
    var addresses: String {
        let known = list.withLock { $0 }
        return (known.contains(first) ? known : known + [first]).joined(separator: ",")
    }

    /// The machine has joined another platform.
    func forget() {
        list.withLock { $0 = [] }
        PrivateFile.remove(file)
    }

    /// Takes over what a manager said, the leader first.
    func learn(_ told: [String]) {
        let usable = told.filter { $0.hasPrefix("https://") || $0.hasPrefix("http://") }.prefix(100)
        guard !usable.isEmpty else { return }
        let isNew = list.withLock { list in
            defer { list = Array(usable) }
            return list != Array(usable)
        }
        guard isNew else { return }
        do { try PrivateFile.write(usable.joined(separator: "\n") + "\n", to: file) } catch {
            for note in notes.withLock({ $0 }) {
                note("where the managers are cannot be kept over a restart: \(error)")
            }
        }
    }
}
