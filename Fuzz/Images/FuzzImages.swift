import ImageModel

/// Feeds bytes to what is read of strangers' images: references, manifests and indexes, configurations. Of the first byte depends which.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = bytes.first else { return 0 }
    let rest = Array(bytes.dropFirst())
    switch kind % 3 {
    case 0: checkReference(String(decoding: rest, as: UTF8.self))
    case 1: checkDocument(rest)
    default: checkConfiguration(rest)
    }
    return 0
}

/// A reference that is read is read again of what it says of itself, and its parts lead nowhere else.
private func checkReference(_ text: String) {
    guard let reference = try? ImageReference(parsing: text) else { return }  // Nearly all of them.
    precondition((try? ImageReference(parsing: reference.description)) == reference, "read as another")
    precondition(!reference.repository.parts.contains("..") && !reference.repository.parts.contains("."))
    precondition(reference.repository.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
}

private func checkDocument(_ bytes: [UInt8]) {
    guard let document = try? ImageDocument(bytes) else { return }  // Nearly all of them.
    precondition((try? ImageDocument(document.bytes)) == document, "a document is read as another")
}

private func checkConfiguration(_ bytes: [UInt8]) {
    guard let configuration = try? ImageConfiguration(bytes) else { return }  // Nearly all of them.
    let again = try? ImageConfiguration(configuration.bytes)
    precondition(again?.bytes == configuration.bytes, "a configuration is read as another")
}
