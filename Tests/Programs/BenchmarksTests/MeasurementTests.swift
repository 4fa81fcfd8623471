import Benchmarks
import Documents
import Testing

@Suite struct `A measurement` {
    private func measurement(ours: [Double], peer: Double?) -> Measurement {
        Measurement(
            suite: "http", name: "hello-64", unit: "1/s", better: .higher, ours: Samples(ours),
            peer: peer.map { .init(name: "nginx", version: "1.22.1", value: $0) }, note: "a \"note\"")
    }

    @Test func `is one object of JSON with exactly the promised keys`() throws {
        let line = String(decoding: measurement(ours: [3, 1, 2], peer: 4).json, as: UTF8.self)
        #expect(
            line
                == #"{"suite":"http","case":"hello-64","unit":"1/s","better":"higher","ours":2.0,"spread":[1.0,3.0],"#
                + #""runs":3,"peer":{"name":"nginx","version":"1.22.1","value":4.0},"ratio":0.5,"note":"a \"note\""}"#
        )
        #expect(!line.contains("\n"))
    }

    @Test func `without a peer has neither peer nor ratio`() throws {
        let line = String(decoding: measurement(ours: [2], peer: nil).json, as: UTF8.self)
        #expect(line.contains(#""peer":null,"ratio":null"#))
        #expect(measurement(ours: [2], peer: nil).ratio == nil)
    }

    @Test func `has no ratio to nothing`() {
        #expect(measurement(ours: [2], peer: 0).ratio == nil)
    }

    @Test(arguments: [
        (83_625.4321, "83625"), (0.000_123_456_7, "0.00012346"), (7.125, "7.125"), (0, "0"), (-2.5, "-2.5"),
        (1_073_741_824, "1073741824"),
    ])
    func `shows the digits that mean something`(value: Double, text: String) {
        #expect(Measurement.text(value) == text)
    }
}
