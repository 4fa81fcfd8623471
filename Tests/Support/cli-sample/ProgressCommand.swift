import Arguments
import Concurrency
import Core
import Terminal

/// Pretends to fetch layers, so that the display of real work can be looked at.
enum ProgressCommand {
    static let seconds = Parameter.option(
        "seconds", .number("SECONDS", in: 0...60), default: 3, help: "How long it takes.")
    static let layers = Parameter.option(
        "layers", .integer(in: 1...50), default: 3, help: "How many at once.")
    static let keep = Parameter.flag("keep", help: "Leave the bars on the screen.")
    static let lines = Parameter.flag("lines", help: "Print plain lines where there is no terminal.")

    static func command(_ sample: Sample) -> Command {
        Command("progress", summary: "Show progress bars", parameters: [seconds, layers, keep, lines]) {
            invocation in
            let clock = Environment.live.clock
            let total = invocation[seconds]
            try await withProgress(
                on: sample.errors, clock: clock, ending: invocation[keep] ? .kept : .erased,
                whenNoTerminal: invocation[lines] ? .lines(every: .seconds(1)) : .silent
            ) { display in
                let bars = (0..<invocation[layers]).map { index in
                    display.start("layer \(index)", total: Int64(index + 1) * 7_000_000)
                }
                let steps = max(1, Int64(total * 50))
                for step in 1...steps {
                    try await clock.sleep(for: .milliseconds(20))
                    for (index, bar) in bars.enumerated() {
                        let speed = 1 + Double(index) / 4
                        let part = min(1, Double(step) / Double(steps) * speed)
                        bar.update(Int64(Double(index + 1) * 7_000_000 * part))
                        if part == 1 { bar.finish() }
                    }
                    if step == steps / 2 { display.print("half of it") }
                }
            }
            try sample.output.write("done\n")
            return .success
        }
    }
}
