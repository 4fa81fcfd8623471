/// What travels beside the messages of a call: names and values, in order; a name may stand more than once.
///
/// Names are lower-case ASCII. Those that end in `-bin` have any bytes as their value, all others printable ASCII
/// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Custom-Metadata"). Names that begin with `grpc-` are gRPC's own.
public struct RPCMetadata: Hashable, Sendable {
    /// One name and its value.
    public struct Entry: Hashable, Sendable {
        public let name: String
        public let bytes: [UInt8]

        /// The value as text; damaged where it is binary and no UTF-8.
        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// The most that may be sent with one call, names and values and 32 bytes for each (RFC 7541, section 4.1): what a peer with gRPC's
    /// default settings still reads.
    public static let maximumSize = 8 * 1024 - 512

    public private(set) var entries: [Entry] = []

    public init() {}

    /// - Precondition: the names and values are ones that ``add(_:_:)`` takes. For what the program itself has written down.
    public init(_ pairs: KeyValuePairs<String, String>) {
        for (name, value) in pairs {
            do { try add(name, value) } catch { preconditionFailure("\(error)") }
        }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// What the entries count for a peer's limit.
    public var size: Int { entries.reduce(0) { $0 + $1.name.utf8.count + $1.bytes.count + 32 } }

    /// The first text of this name; nil for none.
    public subscript(name: String) -> String? { entries.first { $0.name == name }?.text }

    /// The first bytes of this name; nil for none.
    public func bytes(_ name: String) -> [UInt8]? { entries.first { $0.name == name }?.bytes }

    /// Adds a text.
    ///
    /// - Throws: ``RPCError`` of code `invalidArgument` that says what is wrong with the name or the value.
    public mutating func add(_ name: String, _ value: String) throws(RPCError) {
        try checkName(name, isBinary: false)
        guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw RPCError(
                .invalidArgument, "the value of the metadata '\(name)' is not printable ASCII",
                hint: "send other bytes under a name that ends in -bin")
        }
        try append(Entry(name: name, bytes: Array(value.utf8)))
    }

    /// Adds bytes, under a name that ends in `-bin`.
    ///
    /// - Throws: ``RPCError`` of code `invalidArgument` that says what is wrong.
    public mutating func add(_ name: String, bytes: [UInt8]) throws(RPCError) {
        try checkName(name, isBinary: true)
        try append(Entry(name: name, bytes: bytes))
    }

    /// Adds what came from a peer, whose library has checked it.
    package mutating func addReceived(_ name: String, _ bytes: [UInt8]) {
        entries.append(Entry(name: name, bytes: bytes))
    }

    /// Removes all entries of this name.
    public mutating func remove(_ name: String) { entries.removeAll { $0.name == name } }

    private mutating func append(_ entry: Entry) throws(RPCError) {
        // Base 64 makes four bytes of three.
        let cost = entry.name.utf8.count + entry.bytes.count * (isBinary(entry.name) ? 4 : 3) / 3 + 32
        guard size + cost <= Self.maximumSize else {
            throw RPCError(
                .invalidArgument,
                "the metadata is larger than \(Self.maximumSize) bytes with '\(entry.name)'",
                hint: "send it as a message")
        }
        entries.append(entry)
    }

    private func isBinary(_ name: String) -> Bool { name.hasSuffix("-bin") }

    private func checkName(_ name: String, isBinary wanted: Bool) throws(RPCError) {
        let isLegal =
            !name.isEmpty && !name.hasPrefix("grpc-")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        guard isLegal else {
            throw RPCError(
                .invalidArgument, "'\(name.prefix(80))' cannot be the name of metadata",
                hint: "use lower-case letters, digits and -_. and no name that begins with grpc-")
        }
        guard isBinary(name) == wanted else {
            throw RPCError(
                .invalidArgument,
                wanted
                    ? "the metadata '\(name)' holds text, not bytes"
                    : "the metadata '\(name)' holds bytes, not text",
                hint: "names of bytes end in -bin, and no others do")
        }
    }
}
