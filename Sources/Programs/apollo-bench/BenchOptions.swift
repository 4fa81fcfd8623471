import Core

/// What the command line asks for.
struct BenchOptions: Sendable {
    enum Format: String, Sendable {
        case table
        case json
    }

    enum Command {
        case run(BenchOptions)
        case list
        case help
    }

    var suite: Suite
    var cases: [any Benchmark]
    var runs = 5
    var peer: String?
    var format = Format.table

    static let help = """
        Usage: apollo-bench SUITE [--case CASE] [--runs N] [--peer NAME] [--format table|json]
               apollo-bench --list

        Runs the benchmarks of a suite, ours and the peer's in turn, and prints the medians.

          --case CASE     only this case (can be repeated)
          --runs N        measure that often, 5 unless told otherwise
          --peer NAME     only against this peer
          --format F      table, or json with one object a line
          --list          the suites, their cases, units and peers
        """

    static func parse(_ arguments: [String], suites: [Suite]) throws -> Command {
        var rest = arguments[...]
        var names: [String] = []
        var suiteName: String?
        var runs = 5
        var peer: String?
        var format = Format.table
        while let argument = rest.popFirst() {
            let (flag, inline) = split(argument)
            func value() throws -> String {
                guard let value = inline ?? rest.popFirst() else { throw usage("\(flag) needs a value") }
                return value
            }
            switch flag {
            case "--help", "-h": return .help
            case "--list": return .list
            case "--case": names.append(try value())
            case "--peer": peer = try value()
            case "--runs":
                let text = try value()
                guard let number = Int(text), (1...1000).contains(number) else {
                    throw usage("--runs is a number from 1 to 1000, not '\(text)'")
                }
                runs = number
            case "--format":
                let text = try value()
                guard let known = Format(rawValue: text) else {
                    throw usage("--format is table or json, not '\(text)'")
                }
                format = known
            default:
                guard !flag.hasPrefix("-") else { throw usage("there is no option '\(flag)'") }
                guard suiteName == nil else {
                    throw usage("one suite at a time: '\(suiteName ?? "")' or '\(argument)'")
                }
                suiteName = argument
            }
        }
        guard let suiteName else { throw usage("which suite? There is \(list(suites.map(\.name)))") }
        guard let suite = suites.first(where: { $0.name == suiteName }) else {
            throw usage("there is no suite '\(suiteName)', but \(list(suites.map(\.name)))")
        }
        var cases = suite.cases
        if !names.isEmpty {
            cases = try names.map { name in
                guard let found = suite.cases.first(where: { $0.name == name }) else {
                    throw usage("'\(suiteName)' has no case '\(name)', but \(list(suite.cases.map(\.name)))")
                }
                return found
            }
        }
        if let peer, !suite.cases.contains(where: { $0.peers.contains { $0.name == peer } }) {
            throw usage("no case of '\(suiteName)' has the peer '\(peer)'")
        }
        return .run(BenchOptions(suite: suite, cases: cases, runs: runs, peer: peer, format: format))
    }

    private static func split(_ argument: String) -> (String, String?) {
        guard argument.hasPrefix("--"), let sign = argument.firstIndex(of: "=") else {
            return (argument, nil)
        }
        return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }

    private static func usage(_ text: String) -> ApolloError {
        ApolloError(.invalid, text, hint: "'apollo-bench --help' explains")
    }
}
