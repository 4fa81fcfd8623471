import APIServers
import Core
import RPCModel

/// A call that is over, as it is told.
struct EndedCall: Sendable {
    let context: RPCContext
    let rule: RPCRule
    /// When it came.
    let time: Timestamp
    /// What its handler has noted.
    let note: AuditNote.Text
    /// Nil where it went well.
    let failure: RPCError?

    var code: RPCCode { failure?.code ?? .ok }

    /// `apollo.v1.Tasks/Get`.
    var method: String { String(context.path.dropFirst()) }

    var peer: String { PeerText.text(of: context.peer) }
}

/// A peer as everything else of the platform writes it: `127.0.0.1:41234`, `[::1]:41234`, `unix`.
enum PeerText {
    static func text(of peer: String) -> String {
        if peer.hasPrefix("unix") { return "unix" }
        for scheme in ["ipv4:", "ipv6:"] where peer.hasPrefix(scheme) {
            let address = peer.dropFirst(scheme.count)
            guard address.hasPrefix("%5B"), let end = address.range(ofLast: "%5D") else {
                return String(address)
            }
            return "[\(address[address.index(address.startIndex, offsetBy: 3)..<end.lowerBound])]"
                + address[end.upperBound...]
        }
        return peer
    }
}

extension Substring {
    /// Where `text` stands for the last time.
    fileprivate func range(ofLast text: String) -> Range<Index>? {
        var start = index(endIndex, offsetBy: -text.count, limitedBy: startIndex)
        while let place = start {
            if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
            start = place > startIndex ? index(before: place) : nil
        }
        return nil
    }
}
