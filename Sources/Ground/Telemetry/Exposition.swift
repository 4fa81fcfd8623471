/// Prometheus' text format, version 0.0.4.
public struct Exposition: Sendable {
    /// The media type of the text.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// A name with its labels.
    public struct Series: Sendable {
        public var name: String
        public var labels: [(String, String)]

        public init(name: String, labels: [(String, String)] = []) {
            self.name = name
            self.labels = labels
        }

        func suffixed(_ suffix: String) -> Series { Series(name: name + suffix, labels: labels) }

        func labelled(_ label: String, _ value: String) -> Series {
            Series(name: name, labels: labels + [(label, value)])
        }
    }

    public private(set) var bytes: [UInt8] = []

    public init() { bytes.reserveCapacity(4096) }

    /// Begins a family; `kind` is `counter`, `gauge` or `histogram`.
    public mutating func family(name: String, help: String, kind: String) {
        let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        bytes += Array("# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n".utf8)
    }

    public mutating func sample(_ series: Series, _ value: Double) {
        bytes += Array(series.name.utf8)
        if !series.labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            for (index, label) in series.labels.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += Array("\(label.0)=\"\(Self.escaped(label.1))\"".utf8)
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += Array(" \(Self.number(value))\n".utf8)
    }

    /// A family of one sample without labels.
    public mutating func single(_ name: String, _ help: String, kind: String = "gauge", _ value: Double) {
        family(name: name, help: help, kind: kind)
        sample(Series(name: name), value)
    }

    /// Whole numbers without a fraction; infinities and NaN as Prometheus spells them.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value), abs(value) < 9e15 { return String(whole) }
        return value.description
    }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    static func isName(_ name: String, allowsColon: Bool = false) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
                || allowsColon && $0 == UInt8(ascii: ":")
        }
    }
}
