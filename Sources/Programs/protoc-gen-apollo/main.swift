// A plugin of protoc: `protoc --plugin=protoc-gen-apollo --apollo_out=DIRECTORY FILE.proto`. protoc asks on the standard input.
import Glibc
import ProtobufGenerator

var request: [UInt8] = []
var buffer = [UInt8](repeating: 0, count: 1 << 16)
while true {
    let count = read(0, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { exit(74) }
    if count == 0 { break }
    request += buffer[..<count]
}
var rest = CodeGenerator.respond(to: request)[...]
while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { exit(74) }
    rest = rest.dropFirst(count)
}
