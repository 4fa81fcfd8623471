import Documents
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

@Suite struct RandomDocumentTests {
    private func value(_ depth: Int, _ numbers: inout Numbers) -> JSONValue {
        let kinds = depth > 4 ? 5 : 7
        switch Int.random(in: 0..<kinds, using: &numbers) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &numbers))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &numbers))
        case 3:
            let number = Double(bitPattern: numbers.next())
            return number.isFinite ? .number(number) : 0.5
        case 4: return .string(text(&numbers))
        case 5:
            return .array(
                (0..<Int.random(in: 0...4, using: &numbers)).map { _ in value(depth + 1, &numbers) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...4, using: &numbers) {
                object[text(&numbers)] = value(depth + 1, &numbers)
            }
            return .object(object)
        }
    }

    private func text(_ numbers: inout Numbers) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &numbers) {
            let bound: UInt32 = Bool.random(using: &numbers) ? 0x80 : 0x11_0000
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<bound, using: &numbers)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    @Test(arguments: 0..<20)
    func `what is written is read back the same, whatever it is`(_ seed: Int) throws {
        var numbers = Numbers(state: UInt64(seed))
        for _ in 0..<100 {
            let original = value(0, &numbers)
            let bytes = JSONWriter.bytes(of: original)
            let back = try JSONReader().read(bytes)
            // A whole number is read as an integer, however it was held.
            #expect(JSONWriter.bytes(of: back) == bytes || "\(back)" == "\(original)", "\(original)")
        }
    }

    @Test(arguments: 0..<20)
    func `damaged JSON is refused or read, and what is read can be written`(_ seed: Int) throws {
        var numbers = Numbers(state: UInt64(seed) &+ 1000)
        for _ in 0..<200 {
            var bytes = JSONWriter.bytes(of: value(0, &numbers))
            for _ in 0..<Int.random(in: 1...3, using: &numbers) where !bytes.isEmpty {
                let at = Int.random(in: bytes.indices, using: &numbers)
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &numbers)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(Array(#"{}[],:"\e0-.tn"#.utf8).randomElement(using: &numbers)!, at: at)
                default: bytes = Array(bytes[..<at])
                }
            }
            do throws(JSONError) {
                let value = try JSONReader().read(bytes)
                #expect(throws: Never.self) { try JSONReader().read(JSONWriter.bytes(of: value)) }
            } catch {
                #expect(!error.problem.isEmpty)
                let lines = bytes.count { $0 == 0x0A } + 1
                if let location = error.location { #expect((1...lines).contains(location.line)) }
            }
        }
    }
}
