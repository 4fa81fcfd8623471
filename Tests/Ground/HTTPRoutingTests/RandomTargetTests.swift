import Core
import HTTPModel
import HTTPRouting
import Testing

/// Numbers that are the same in every run: SplitMix64.
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct RandomTargetTests {
    private static let pieces = [
        "/", "//", ".", "..", "%2e", "%2E", "%2f", "%5c", "%00", "%", "%c0%ae", "%e2%82%ac", "%ff", "a",
        "files",
        "echo", "\\", "?", "&", "=", "+", "#", " ", "é", "http://", "x=1", "*", ";", "%25", "things",
    ]

    @Test(arguments: 0..<20)
    func `whatever the target, no handler sees a way out of its directory`(_ seed: Int) async throws {
        var numbers = Numbers(state: UInt64(seed))
        let exchange = Shop().exchange
        var reached = 0
        for _ in 0..<200 {
            let prefix = ["/files/", "/echo/", "/", ""].randomElement(using: &numbers)!
            let count = Int.random(in: 0...8, using: &numbers)
            let target =
                prefix + (0..<count).map { _ in Self.pieces.randomElement(using: &numbers)! }.joined()
            let answer = try await exchange.send(.get, target)
            #expect([200, 308, 400, 401, 404].contains(answer.status.rawValue), "\(target)")
            if answer.status == 308 {
                let location = answer.fields["Location"] ?? ""
                #expect(location.hasPrefix("/") && !location.hasPrefix("//"), "\(target) → \(location)")
            }
            guard answer.status == .ok, target.hasPrefix("/files/") || target.hasPrefix("/echo/") else {
                continue
            }
            reached += 1
            let steps = answer.text.split(separator: "/", omittingEmptySubsequences: false)
            #expect(!steps.contains("..") && !steps.contains("."), "\(target) → \(answer.text)")
            #expect(!answer.text.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "\(target)")
        }
        #expect(reached > 0)
    }
}
