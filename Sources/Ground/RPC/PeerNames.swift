import Glibc
import Synchronization

/// The names of peers that called lately. Calls of one connection come one after the other, and a name is the same text for all of them.
struct PeerNames: ~Copyable {
    private static let size = 64
    private let names = Mutex([String](repeating: "", count: PeerNames.size))

    borrowing func name(_ text: UnsafePointer<CChar>) -> String {
        let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
        // The last digits of a port are what tells peers apart.
        let place = bytes.suffix(3).reduce(0) { $0 &* 31 &+ Int($1) } % Self.size
        return names.withLock { names in
            if Self.equal(names[place], bytes) { return names[place] }
            let name = String(decoding: bytes, as: UTF8.self)
            names[place] = name
            return name
        }
    }

    private static func equal(_ name: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        name.utf8.withContiguousStorageIfAvailable { known in
            known.count == bytes.count && memcmp(known.baseAddress!, bytes.baseAddress!, bytes.count) == 0
        } ?? false
    }
}
