extension CronSchedule {
    /// What is wrong with a schedule, in words that go after its field's name.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    private static let names = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// Reads `minute hour day-of-month month day-of-week`: each `*`, a number, a range `a-b`, either with `/step`, or a list of such,
    /// months and weekdays also by their English names' first three letters; or a name such as `@daily`.
    public init(parsing text: String) throws(Fault) {
        guard text.utf8.count <= 256 else { throw Fault(description: "is longer than 256 bytes") }
        // By bytes: what makes a character of its own of a separator is no schedule, in either way.
        var parts = text.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map {
            Substring($0)
        }
        if parts.count == 1, parts[0].hasPrefix("@") {
            guard let fields = Self.names[parts[0].lowercased()] else {
                let known = Self.names.keys.sorted().joined(separator: ", ")
                throw Fault(description: "'\(parts[0])' is no schedule; there are \(known)")
            }
            parts = fields.split(separator: " ")
        }
        guard parts.count == 5 else {
            throw Fault(
                description:
                    "has \(parts.count) fields, not five: minute hour day-of-month month day-of-week, such as '30 2 * * *'"
            )
        }
        minutes = try Field("minute", 0...59).read(parts[0])
        hours = try Field("hour", 0...23).read(parts[1])
        days = try Field("day of the month", 1...31).read(parts[2])
        months = try Field("month", 1...12, Field.monthNames).read(parts[3])
        let given = try Field("day of the week", 0...7, Field.weekdayNames).read(parts[4])
        // 7 is Sunday as 0 is.
        weekdays = (given | given >> 7) & 0x7F
        isEveryHour = parts[1].hasPrefix("*")
        isEitherDay = !parts[2].hasPrefix("*") && !parts[4].hasPrefix("*")
        guard isEitherDay || hasAnyDay else {
            throw Fault(description: "names a day that no month of it has")
        }
    }

    private var hasAnyDay: Bool {
        (1...12).contains { month in
            months >> UInt64(month) & 1 == 1
                && days & (UInt64(1) << UInt64(CivilTime.daysIn(Int64(month), of: 2000) + 1) - 1) != 0
        }
    }

    private struct Field {
        static let monthNames = [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ]
        static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

        let name: String
        let range: ClosedRange<Int>
        let names: [String]

        init(_ name: String, _ range: ClosedRange<Int>, _ names: [String] = []) {
            self.name = name
            self.range = range
            self.names = names
        }

        func read(_ text: Substring) throws(Fault) -> UInt64 {
            var set: UInt64 = 0
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                set |= try readPart(part)
            }
            return set
        }

        private func readPart(_ text: Substring) throws(Fault) -> UInt64 {
            if text == "*" { return set(range, by: 1) }
            let halves = text.split(separator: "/", omittingEmptySubsequences: false)
            guard halves.count <= 2 else { throw fault(text) }
            var step = 1
            if halves.count == 2 {
                guard let given = number(halves[1]), given >= 1, given <= range.upperBound else {
                    throw Fault(
                        description: "has a step '\(halves[1])' for the \(name), not 1 to \(range.upperBound)"
                    )
                }
                step = given
            }
            var bounds = range
            if halves[0] != "*" {
                let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
                guard ends.count <= 2, let low = value(ends[0]), let high = value(ends[ends.count - 1]) else {
                    throw fault(text)
                }
                guard low <= high else {
                    throw Fault(
                        description:
                            "has '\(halves[0])' for the \(name), which goes backwards; write two ranges with a comma"
                    )
                }
                guard ends.count == 2 || halves.count == 1 else {
                    throw Fault(description: "has '\(text)' for the \(name): a step needs a range, or *")
                }
                bounds = low...high
            }
            return set(bounds, by: step)
        }

        private func set(_ bounds: ClosedRange<Int>, by step: Int) -> UInt64 {
            stride(from: bounds.lowerBound, through: bounds.upperBound, by: step).reduce(0) {
                $0 | UInt64(1) << UInt64($1)
            }
        }

        private func value(_ text: Substring) -> Int? {
            if let place = names.firstIndex(of: text.lowercased()) { return place + (range.lowerBound) }
            return number(text).flatMap { range.contains($0) ? $0 : nil }
        }

        private func number(_ text: Substring) -> Int? {
            guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            return Int(text)
        }

        private func fault(_ text: Substring) -> Fault {
            let named =
                names.isEmpty ? "" : ", or \(names[0].uppercased()) to \(names[names.count - 1].uppercased())"
            return Fault(
                description:
                    "has '\(text)' for the \(name), which is no \(range.lowerBound) to \(range.upperBound)\(named), no range and no *"
            )
        }
    }
}
