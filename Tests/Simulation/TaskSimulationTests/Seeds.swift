import Glibc

/// Which seeds the tests run: `APOLLO_SEED=17` one alone, `APOLLO_SEEDS=5000` so many.
enum Seeds {
    static var one: UInt64? { value("APOLLO_SEED") }

    static func range(normally count: UInt64) -> [UInt64] {
        if let one { return [one] }
        return Array(0..<(value("APOLLO_SEEDS") ?? count))
    }

    /// In groups, each of which is a case of a test and runs beside the others.
    static func groups(normally count: UInt64, of size: Int = 25) -> [ArraySlice<UInt64>] {
        let all = range(normally: count)
        return stride(from: 0, to: all.count, by: size).map { all[$0..<min($0 + size, all.count)] }
    }

    private static func value(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }
}
