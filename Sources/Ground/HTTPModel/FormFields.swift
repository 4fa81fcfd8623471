/// The fields of a form, as browsers send it (`application/x-www-form-urlencoded`).
public struct FormFields: Hashable, Sendable {
    public private(set) var values: [String: String] = [:]

    /// Of a field that stands twice the first counts; what cannot be read is left out.
    public init(_ bytes: [UInt8]) {
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let sides = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let name = PercentEncoding.text(sides[0], plusIsSpace: true),
                let value = PercentEncoding.text(sides[1], plusIsSpace: true),
                values[name] == nil
            else { continue }
            values[name] = value
        }
    }

    public subscript(name: String) -> String? { values[name] }
}
