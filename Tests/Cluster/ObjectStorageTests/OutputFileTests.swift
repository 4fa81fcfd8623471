import Glibc
import Testing

@testable import ObjectStorage

@Suite struct OutputFileTests {
    private func noise(_ count: Int, _ seed: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 131 &+ seed) >> 4) }
    }

    private func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = Glibc.read(descriptor, &piece, piece.count), count > 0 {
            all += piece[..<count]
        }
        return all
    }

    @Test(
        "What goes past the cache and what goes by it stand in the file one behind the other",
        arguments: [0, 512, 1])
    func mixes(shift: Int) async throws {
        try await StoreDirectory.with { path in
            // Where memory does not begin as the file system wants it, it refuses: then the cache has it.
            let buffers = DirectBuffers()
            var file = try OutputFile(making: "\(path)/file")
            defer {
                close(file.descriptor)
                unlink("\(path)/file")
            }
            var all: [UInt8] = []
            for (index, count) in [4096, 1 << 19, 8192, 5000].enumerated() {
                let bytes = noise(count, index)
                try buffers.withBuffer { buffer throws in
                    let place = UnsafeMutableRawBufferPointer(rebasing: buffer[shift..<shift + count])
                    place.copyBytes(from: bytes)
                    try file.appendPastCache(UnsafeRawBufferPointer(place))
                }
                all += bytes
            }
            let ending = noise(100, 9)
            try ending.withUnsafeBytes { bytes throws in try file.append(bytes) }
            #expect(try read("\(path)/file") == all + ending)
        }
    }

    @Test("A buffer that was given back is lent again, and what is written to one is in no other")
    func lends() {
        let buffers = DirectBuffers(spare: 1)
        func nest(_ depth: Int) -> Set<UnsafeMutableRawPointer> {
            guard depth > 0 else { return [] }
            return buffers.withBuffer { buffer in
                #expect(buffer.count == 1 << 20)
                #expect(UInt(bitPattern: buffer.baseAddress!) % UInt(DirectBuffers.alignment) == 0)
                buffer.initializeMemory(as: UInt8.self, repeating: UInt8(depth))
                let others = nest(depth - 1)
                #expect(buffer.allSatisfy { $0 == UInt8(depth) })
                #expect(!others.contains(buffer.baseAddress!))
                return others.union([buffer.baseAddress!])
            }
        }
        #expect(nest(7).count == 7)
        let first = buffers.withBuffer { $0.baseAddress! }
        #expect(buffers.withBuffer { $0.baseAddress! } == first)
    }
}
