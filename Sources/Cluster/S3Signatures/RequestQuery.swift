import HTTPModel

/// The parameters of a request's query, decoded, in their order.
public struct RequestQuery: Hashable, Sendable {
    public struct Item: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public static let maximumItems = 256

    public var items: [Item]

    public init(_ items: [Item] = []) { self.items = items }

    /// Reads what follows the `?`; nil where an escape is malformed, the text is no UTF-8, or there are too many.
    public init?(_ text: Substring?) {
        items = []
        guard let text, !text.isEmpty else { return }
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let sides = part.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard items.count < Self.maximumItems,
                let name = PercentEncoding.text(sides[0], plusIsSpace: true),
                let value = sides.count == 2 ? PercentEncoding.text(sides[1], plusIsSpace: true) : ""
            else { return nil }
            items.append(Item(name, value))
        }
    }

    /// The first value of `name`: names are told apart by case.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    public func contains(_ name: String) -> Bool { items.contains { $0.name == name } }

    /// As it is signed: encoded anew, and sorted by name and value.
    var canonical: String {
        let pairs = items.filter { $0.name != "X-Amz-Signature" }.map {
            (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value))
        }
        return pairs.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// As it stands behind the `?`.
    public var text: String {
        items.map {
            $0.value.isEmpty && !$0.name.isEmpty
                ? PercentEncoding.encode($0.name)
                : "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
        }.joined(separator: "&")
    }
}
