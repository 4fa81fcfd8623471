import Arguments
import Core
import Terminal

enum ListCommand {
    struct Animal: Encodable {
        var name: String
        var legs: Int
        var habitat: String
    }

    static let format = Parameter.option(
        "output", short: "o", .choice(OutputFormat.self, "FORMAT"), default: .table, help: "How to print.")
    static let count = Parameter.option("count", .integer(in: 1...1_000_000), default: 3, help: "How many.")

    static let animals = [
        Animal(
            name: "ant", legs: 6, habitat: "under the stones of the garden, where it is warm in the afternoon"
        ),
        Animal(name: "パンダ", legs: 4, habitat: "竹林"),
        Animal(name: "odd\u{1b}[31m\none", legs: 0, habitat: "https://example.com/a/path"),
    ]

    static func command(_ sample: Sample) -> Command {
        Command("list", summary: "List animals", parameters: [format, count]) { invocation in
            let rows = (0..<invocation[count]).map { animals[$0 % animals.count] }
            let table = Table<Animal>([
                Column("NAME", style: { _ in .cyan }) { $0.name }, Column("LEGS", .right) { "\($0.legs)" },
                Column("HABITAT") { $0.habitat },
            ])
            try sample.output.write(rows, as: invocation[format], table)
            return .success
        }
    }
}
