import Protobuf
import ProtobufSamples

/// Feeds bytes to the codec (https://llvm.org/docs/LibFuzzer.html). Whatever they are, they are a message or refused; and what is
/// read is written, read and written again the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProtobuf(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    check(Everything.self, bytes)
    check(Tree.self, bytes)
    check(Something.self, bytes)
    check(Awkward.self, bytes)
    do throws(ProtobufError) {
        // Nothing is known: what is valid comes out as it went in.
        let nothing = try Nothing(protobuf: bytes)
        precondition(nothing.protobufBytes() == bytes)
    } catch {
        precondition(error.offset <= bytes.count)
    }
    return 0
}

private func check<Message: ProtobufMessage>(_ type: Message.Type, _ bytes: [UInt8]) {
    do throws(ProtobufError) {
        let written = try type.init(protobuf: bytes).protobufBytes()
        do throws(ProtobufError) {
            // Bytes and not messages are compared: a NaN equals nothing.
            let again = try type.init(protobuf: written).protobufBytes()
            precondition(again == written, "written, read and written again, it is another")
        } catch {
            preconditionFailure("what is written cannot be read: \(error)")
        }
    } catch {
        precondition(error.offset <= bytes.count && !error.description.isEmpty)
    }
}
