import Core
import Testing

@testable import Tracing

struct TraceContextTests {
    private static let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `a context is read and written as it was`() throws {
        let context = try #require(TraceContext(parsing: Self.example, state: "congo=t61rcWkgMzE"))
        #expect(context.text == Self.example)
        #expect(context.isSampled)
        #expect(context.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID.description == "00f067aa0ba902b7")
        #expect(context.state == "congo=t61rcWkgMzE")
    }

    @Test func `flags that are not known are not handed on`() throws {
        let sampled = try #require(TraceContext(parsing: Self.example.dropLast(2) + "ff"))
        #expect(sampled.text.hasSuffix("-01"))
        let unsampled = try #require(TraceContext(parsing: Self.example.dropLast(2) + "fe"))
        #expect(unsampled.text.hasSuffix("-00"))
    }

    @Test func `a later version may say more`() {
        #expect(TraceContext(parsing: "cc" + Self.example.dropFirst(2)) != nil)
        #expect(TraceContext(parsing: "cc" + Self.example.dropFirst(2) + "-what-comes-later") != nil)
        #expect(TraceContext(parsing: "cc" + Self.example.dropFirst(2) + "x") == nil)
    }

    @Test(arguments: [
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        String(repeating: "é", count: 55),
    ])
    func `these are none`(_ text: String) {
        #expect(TraceContext(parsing: text) == nil)
    }

    @Test(arguments: ["", String(repeating: "a", count: 513), "a=\r\nb", "a=é"])
    func `a state that no field may hold is left out`(_ state: String) throws {
        #expect(try #require(TraceContext(parsing: Self.example, state: state)).state == nil)
    }
}
