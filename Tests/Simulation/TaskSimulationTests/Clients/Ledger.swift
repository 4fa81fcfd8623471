import ClusterModel
import Core

/// What the clients asked for and what they were told: what the platform has to answer for.
final class Ledger: @unchecked Sendable {
    struct Entry {
        enum Outcome: Equatable {
            /// Asked, or asked again after no answer came.
            case open
            case acknowledged(TaskID)
            case refused
        }

        var outcome = Outcome.open
        var stopAcknowledged = false
        /// Someone asked for its removal, which may have happened without an answer.
        var removalAsked = false
        var removalAcknowledged = false
        /// How its watcher saw it end.
        var seen: TaskRecord?

        var id: TaskID? { if case .acknowledged(let id) = outcome { id } else { nil } }
    }

    // Confined to the simulator's thread, as all of a simulation is.
    private(set) var entries: [String: Entry] = [:]

    func update(_ key: String, _ change: (inout Entry) -> Void) { change(&entries[key, default: Entry()]) }

    subscript(key: String) -> Entry { entries[key, default: Entry()] }
}
