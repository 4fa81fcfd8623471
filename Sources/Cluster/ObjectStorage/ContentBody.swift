public import HTTPModel

extension ContentReader {
    /// Shorter bodies are read, so that they go out together with their heads.
    private static let shortBody: Int64 = 64 << 10

    /// `range` of the object, which is not empty, as the body of an answer. What is damaged at its beginning is thrown here: later it
    /// can only be cut off.
    ///
    /// - Parameters:
    ///   - isSecure: whether it goes out by TLS. Where it does not the kernel sends what is in files, right after it was checked.
    ///   - isChecked: false where who gets the bytes has a digest of them to hold them against: then the kernel sends them as they are.
    public func body(
        of range: Range<Int64>, isSecure: Bool, isChecked: Bool = true
    ) async throws -> HTTPResponseBody {
        let length = range.upperBound - range.lowerBound
        guard isSecure || length <= Self.shortBody else {
            let first = try await nextPart(
                from: range.lowerBound, upTo: range.upperBound, isChecked: isChecked)
            return .stream(length: length) { writer in
                try await self.forEachPart(of: range, beginningWith: first, isChecked: isChecked) { part in
                    switch part {
                    case .bytes(let bytes): try await writer.write(bytes)
                    case .file(let file, let part):
                        try await writer.write(
                            file: file.descriptor, from: part.lowerBound, count: part.count)
                    }
                }
            }
        }
        let first = try await next(from: range.lowerBound, upTo: range.upperBound)
        guard Int64(first.count) < length else { return .bytes(first) }
        return .stream(length: length) { writer in
            try await self.forEachPiece(of: range, beginningWith: first) { try await writer.write($0) }
        }
    }
}
