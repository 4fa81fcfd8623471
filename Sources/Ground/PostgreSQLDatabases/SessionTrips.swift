import CPQ
import Databases

extension Session {
    func trip(
        _ send: (Link) throws(DatabaseError) -> Void, receive: (Link) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        guard let link, !link.isLost else {
            throw DatabaseError(
                .unavailable, "the connection to the database \(name) is lost", hint: Link.patienceHint)
        }
        try trip(on: link, send, receive: receive)
    }

    /// Sends what waits and what `send` adds, and reads the answers to all of it.
    func trip(
        on link: Link, _ send: (Link) throws(DatabaseError) -> Void,
        receive: (Link) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        prepareToWait(link)
        while owed > 0 {
            _ = try link.command()
            try link.end()
            owed -= 1
        }
        let controls = controls
        self.controls = []
        for control in controls { try self.send(control, on: link) }
        try send(link)
        try link.sync()
        trips += 1
        var refusal: DatabaseError?
        for control in controls {
            switch try link.command() {
            case .rows(let rows):
                if control == .lock { number = rows.text(1) }
                // Where a transaction has failed, a commit is answered so.
                if control == .commit, rows.status != "COMMIT" {
                    refusal = DatabaseError(
                        .other, "the database \(name) undid a transaction instead of committing it")
                }
            case .failed(let error):
                refusal = error.explained("'\(control.rawValue)' failed", on: name)
                isBroken = true
            case .skipped: break
            }
        }
        try receive(link)
        try link.end()
        if let refusal {
            failure = refusal
            throw refusal
        }
    }

    func send(_ control: Control, on link: Link) throws(DatabaseError) {
        try link.sent(PQsendQueryPrepared(link.pointer, control.name, 0, nil, nil, nil, 0))
    }
}
