import Synchronization

/// What a server shows in TLS, and whose certificates it believes, all in PEM.
public struct TLSMaterial: Hashable, Sendable {
    public var identity: TLSContext.Identity
    /// The authorities that sign for clients; nil for none.
    public var authorities: PEMSource?

    public init(_ identity: TLSContext.Identity, authorities: PEMSource? = nil) {
        self.identity = identity
        self.authorities = authorities
    }

    /// What a server asks of clients that may also prove otherwise who they are.
    public var clients: ClientCertificates { authorities.map { .asked($0) } ?? .notAsked }
}

/// A server's material of the moment, for all its doors: each takes what is current, and is told when there is new.
public final class TLSMaterials: Sendable {
    public typealias Observer = @Sendable (TLSMaterial) throws -> Void

    private struct State {
        var current: TLSMaterial
        var observers: [Observer] = []
    }

    private let state: Mutex<State>

    public init(_ first: TLSMaterial) { state = Mutex(State(current: first)) }

    public var current: TLSMaterial { state.withLock { $0.current } }

    /// Has `body` called with each new material, for as long as this lives. What it throws is thrown on to who replaces.
    public func observe(_ body: @escaping Observer) { state.withLock { $0.observers.append(body) } }

    /// Makes `material` the current one and tells everyone, in the order in which they came. Without a change nothing happens.
    ///
    /// - Throws: what the first observer that cannot use it throws, once all were told.
    public func replace(with material: TLSMaterial) throws {
        let observers: [Observer] = state.withLock { state in
            guard state.current != material else { return [] }
            state.current = material
            return state.observers
        }
        var failure: (any Error)?
        for observer in observers {
            do { try observer(material) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}
