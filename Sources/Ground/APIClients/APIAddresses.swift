import Core
import HTTPClients
import Synchronization

/// Where a platform answers: the addresses of its managers, and which of them to ask first. Of several managers one leads, and
/// the others say which; what was learned is shared by all clients made of one.
final class APIAddresses: Sendable {
    private struct State {
        var all: [String]
        var current: String
    }

    private let state: Mutex<State>

    /// - Precondition: there is one at least.
    init(_ addresses: [String]) { state = Mutex(State(all: addresses, current: addresses[0])) }

    var current: String { state.withLock { $0.current } }

    /// How many there are, with the leader where it is none of those that were given.
    var count: Int { state.withLock { $0.all.count } }

    /// `leader` was named by one of them.
    func follow(_ leader: String) {
        state.withLock { state in
            if !state.all.contains(leader) { state.all.append(leader) }
            state.current = leader
        }
    }

    /// The one to ask after `address`, which did not answer.
    func leave(_ address: String) {
        state.withLock { state in
            // Another call may have found a better one meanwhile.
            guard state.current == address, let index = state.all.firstIndex(of: address) else { return }
            state.current = state.all[(index + 1) % state.all.count]
        }
    }

    /// The scheme, host and port of `location`; nil where it is none to follow from `address`: it names no other place, or is
    /// reached without TLS where the other was reached with.
    static func base(of location: String, from address: String) -> String? {
        guard let scheme = location.firstRange(of: "://") else { return nil }
        let host = location[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let base = location[..<scheme.upperBound] + host
        guard !host.isEmpty, !host.contains("@"), base != address else { return nil }
        guard base.hasPrefix("https://") || base.hasPrefix("http://") && !address.hasPrefix("https://") else {
            return nil
        }
        return String(base)
    }
}

extension HTTPClientError {
    /// Whether the platform cannot have seen the request: nobody took the connection.
    var neverArrived: Bool {
        switch self {
        case .couldNotConnect, .couldNotResolve, .timedOut(.connecting, _, _): true
        default: false
        }
    }
}
