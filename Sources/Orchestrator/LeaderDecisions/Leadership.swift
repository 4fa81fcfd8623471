public import Core

/// Decides when a manager begins to lead, goes on, and steps down, by a lease on a row of the database that all managers share.
/// Events in, directives out; no clock, no database.
///
/// Two clocks, and never a third: the database's says when a lease is over for the others, this process' monotonic one when it is
/// over for itself, counted from before it asked, and so never later. What it takes for its lease decides only what it answers and
/// when it tries again: what it writes and commands is held against the epoch where it arrives, since a process may stand still
/// between a look at the clock and the deed.
public struct Leadership: Sendable {
    /// What the database is asked.
    public enum Request: Hashable, Sendable {
        /// Who leads; and to lead, if nobody does, or only the asker's own term `own`, which is over.
        case look(own: Int64?)
        /// For the lease to begin anew.
        case renew(epoch: Int64)
        /// To end the lease now, so that another need not wait for its end.
        case release(epoch: Int64)
    }

    /// What it answered.
    public enum Answer: Hashable, Sendable {
        /// The asker leads, with this epoch.
        case taken(epoch: Int64)
        case renewed(epoch: Int64)
        /// Nothing was changed: this is who leads, and how much longer without a word of it.
        case held(LeadershipRow, remaining: Duration)
        case released
    }

    public enum Event: Sendable {
        /// Time has passed.
        case woke
        /// What this manager says of itself has changed: the others are told soon.
        case changed
        /// An answer to what was asked at `askedAt`.
        case answered(Answer, askedAt: MonotonicInstant)
        /// There was no answer.
        case failed(String)
        /// What was written in the term was refused, or nobody knows what became of it.
        case doubted(epoch: Int64, String)
        /// Everything of the term has ended.
        case ended(epoch: Int64)
        /// The process is asked to end.
        case resign
    }

    public enum Directive: Hashable, Sendable {
        case ask(Request)
        /// Begin a term.
        case lead(epoch: Int64)
        /// End it, and say why; then tell ``Event/ended(epoch:)``.
        case stepDown(epoch: Int64, because: String)
    }

    /// Where a manager stands.
    public enum Role: Hashable, Sendable {
        case standby
        case leading(epoch: Int64, until: MonotonicInstant)
        /// Ends what it did as leader; it does not lead any more.
        case endingTerm(epoch: Int64)
        /// Gives the lead away, and never takes it again.
        case resigned
    }

    public let lease: Duration
    public private(set) var role: Role = .standby
    private var isAsking = false
    /// Whether it gives the lead away, or does not take it, for the process ends.
    public private(set) var isResigning = false
    private var nextAsk: MonotonicInstant
    /// The last term of this process, once it is over: nobody else need wait for its end.
    private var own: Int64?

    /// How often a leader renews its lease, and how soon it tries again when it could not.
    private var renewal: Duration { lease / 4 }
    private var retry: Duration { lease / 10 }
    /// How often a standby looks, though the lease should still run: it may have been given away.
    private var pace: Duration { min(.seconds(1), lease / 5) }

    public init(lease: Duration, at now: MonotonicInstant) {
        self.lease = lease
        nextAsk = now
    }

    /// When to tell ``Event/woke`` at the latest; nil where only an answer, or the end of the term, leads on.
    public var wakeAt: MonotonicInstant? {
        switch role {
        case .standby: isAsking ? nil : nextAsk
        case .leading(_, let until): isAsking ? until : min(nextAsk, until)
        case .endingTerm, .resigned: nil
        }
    }

    /// The epoch of the term that lasts at `now`; nil where it does not lead, or no longer.
    public func epoch(at now: MonotonicInstant) -> Int64? {
        guard case .leading(let epoch, let until) = role, now < until else { return nil }
        return epoch
    }

    public mutating func handle(_ event: Event, at now: MonotonicInstant) -> [Directive] {
        var directives: [Directive] = []
        switch event {
        case .woke: break
        case .changed: nextAsk = now
        case .answered(let answer, let askedAt):
            isAsking = false
            take(answer, until: askedAt.advanced(by: lease), at: now, &directives)
        case .failed:
            isAsking = false
            nextAsk = now.advanced(by: retry)
        case .doubted(let epoch, let reason):
            if case .leading(epoch, _) = role { stepDown(epoch, because: reason, &directives) }
        case .ended(let epoch):
            if case .endingTerm(epoch) = role {
                own = epoch
                role = .standby
                nextAsk = now
            }
        case .resign: isResigning = true
        }
        proceed(at: now, &directives)
        return directives
    }

    private mutating func take(
        _ answer: Answer, until: MonotonicInstant, at now: MonotonicInstant, _ directives: inout [Directive]
    ) {
        switch answer {
        case .taken(let epoch):
            nextAsk = now
            guard case .standby = role else { return }
            // An answer that came too late, or for nothing: the term is over before anything was done in it.
            guard until > now, !isResigning else {
                own = epoch
                return
            }
            role = .leading(epoch: epoch, until: until)
            nextAsk = min(until, now.advanced(by: renewal))
            directives.append(.lead(epoch: epoch))
        case .renewed(let epoch):
            nextAsk = now.advanced(by: renewal)
            if case .leading(epoch, let before) = role {
                role = .leading(epoch: epoch, until: max(before, until))
            }
        case .held(let row, let remaining):
            nextAsk = now.advanced(by: min(pace, remaining + .milliseconds(20)))
            if case .leading(let epoch, _) = role {
                stepDown(epoch, because: "another manager leads, with epoch \(row.epoch)", &directives)
            }
        case .released: role = .resigned
        }
    }

    private mutating func proceed(at now: MonotonicInstant, _ directives: inout [Directive]) {
        if case .leading(let epoch, let until) = role {
            if isResigning {
                stepDown(epoch, because: "this manager ends", &directives)
            } else if until <= now {
                stepDown(
                    epoch, because: "the database has not confirmed for \(lease.short) that it leads",
                    &directives)
            }
        }
        guard !isAsking else { return }
        switch role {
        case .standby where isResigning:
            guard let own else { return role = .resigned }
            // Once: who cannot be told that the lead is free finds out by the lease.
            self.own = nil
            ask(.release(epoch: own), &directives)
        case .standby where nextAsk <= now: ask(.look(own: own), &directives)
        case .leading(let epoch, _) where nextAsk <= now: ask(.renew(epoch: epoch), &directives)
        case .standby, .leading, .endingTerm, .resigned: break
        }
    }

    private mutating func stepDown(_ epoch: Int64, because reason: String, _ directives: inout [Directive]) {
        role = .endingTerm(epoch: epoch)
        directives.append(.stepDown(epoch: epoch, because: reason))
    }

    private mutating func ask(_ request: Request, _ directives: inout [Directive]) {
        isAsking = true
        directives.append(.ask(request))
    }
}
