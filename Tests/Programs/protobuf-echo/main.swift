// Takes messages over a pipe, for tests against other implementations. Every message has its length before it, in four bytes, the
// lowest first.
//
//   protobuf-echo echo NAME            reads each message as NAME and writes it again
//   protobuf-echo make SEED COUNT      writes so many random messages
//   protobuf-echo check SEED COUNT     reads them again, in whatever form, and fails where one is another
import Glibc
import Protobuf
import ProtobufSamples

enum Pipe {
    // Only the main thread uses them.
    nonisolated(unsafe) static let input = fdopen(0, "r")!
    nonisolated(unsafe) static let output = fdopen(1, "w")!
}

func take(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return fread(&bytes, 1, count, Pipe.input) == count ? bytes : nil
}

func next() -> [UInt8]? {
    guard let head = take(4) else { return nil }
    return take(head.reversed().reduce(0) { $0 << 8 | Int($1) })
}

func put(_ bytes: [UInt8]) {
    let head = (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) }
    fwrite(head + bytes, 1, bytes.count + 4, Pipe.output)
}

func refuse(_ message: String) -> Never {
    put(Array("error: \(message)".utf8))
    fflush(Pipe.output)
    exit(1)
}

/// A message that is refused is answered by `!` and the reason.
func echo(_ type: (some ProtobufMessage).Type) {
    while let bytes = next() {
        do throws(ProtobufError) {
            put([0] + (try type.init(protobuf: bytes)).protobufBytes())
        } catch {
            put([1] + Array(error.description.utf8))
        }
    }
}

let words = CommandLine.arguments.dropFirst()
switch (words.first, words.count) {
case ("echo", 2):
    let types: [String: any ProtobufMessage.Type] = [
        "Everything": Everything.self, "Something": Something.self, "Nothing": Nothing.self,
    ]
    guard let type = types[words.last!] else { refuse("there is no message '\(words.last!)'") }
    echo(type)
case ("make", 3), ("check", 3):
    guard let seed = UInt64(words[2]), let count = Int(words[3]) else { refuse("SEED and COUNT are numbers") }
    var source = SampleSource(seed: seed)
    for index in 0..<count {
        let message = source.everything()
        if words.first == "make" {
            put(message.protobufBytes())
        } else {
            guard let bytes = next() else { refuse("there is no message \(index)") }
            guard try Everything(protobuf: bytes) == message else { refuse("message \(index) is another") }
        }
    }
default: refuse("what is wanted? echo NAME, make SEED COUNT or check SEED COUNT")
}
fflush(Pipe.output)
