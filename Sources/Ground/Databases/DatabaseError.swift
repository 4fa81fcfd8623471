public import Core

/// Why the database did not do something.
public struct DatabaseError: Error, Hashable, Sendable {
    /// What kind of failure it is.
    public enum Kind: Hashable, Sendable {
        /// Somebody else holds the lock; trying again may work.
        case busy
        /// The schema refused the change.
        case constraint(Constraint)
        /// No space is left, on the disk or within the size allowed.
        case full
        /// The database cannot be written.
        case readOnly
        /// What is stored is damaged, or is no database of Apollo.
        case corrupt
        /// The database cannot be reached or opened.
        case unavailable
        /// A newer program has changed the schema: it is at `found`, this program knows up to `known`.
        case schemaTooNew(found: Int, known: Int)
        /// Too much is queued already.
        case overloaded
        /// It waited in the queue, or ran, for longer than allowed.
        case deadline
        /// The database was closed.
        case closed
        /// The statement is wrong, or not one that every engine understands: a fault of the program.
        case statement
        /// A result has not the column or the type that was asked for.
        case mismatch
        /// None of the above.
        case other
    }

    /// What a constraint demands.
    public enum Constraint: String, Hashable, Sendable {
        case unique, foreignKey, check, notNull, other
    }

    public var kind: Kind
    /// What failed, and on what, with the engine's own explanation.
    public var message: String
    /// What the user can try.
    public var hint: String?

    public init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    /// The same as everyone's error.
    public var asApolloError: ApolloError { ApolloError(errorKind, message, hint: hint) }

    private var errorKind: ErrorKind {
        switch kind {
        case .busy, .readOnly, .unavailable, .closed, .schemaTooNew: .unavailable
        case .constraint(.unique): .exists
        case .constraint(.foreignKey): .conflict
        case .constraint: .invalid
        case .full, .overloaded: .exhausted
        case .deadline: .deadline
        case .corrupt: .corrupt
        case .statement, .mismatch, .other: .internal
        }
    }
}

extension DatabaseError: CustomStringConvertible {
    public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}
